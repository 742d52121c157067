package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/polycors/cors/core"
)

// goroutines waits until there are at most as many goroutines as before. If that takes too long,
// the test fails and prints their stacks.
func goroutines(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("got %d goroutines, want %d as before\n%s",
				runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// waitStreams waits until the playground has the wanted number of open streams.
func waitStreams(t *testing.T, p *playground, want int) {
	t.Helper()
	j := p.control.journal
	for deadline := time.Now().Add(20 * time.Second); j.listening() != want; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d streams are open, want %d", j.listening(), want)
		}
	}
}

// warmUp starts the goroutines that a program starts once and keeps, such as fasthttp's clock.
func warmUp(t *testing.T) {
	t.Helper()
	p, err := start(0, func(live *core.Live, _ string) core.Decider { return decider{live} })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.control.columns {
		response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/items", c.Port))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
}

// TestLeaksNothing checks that no goroutine is left after streams, requests and frequent reloads.
func TestLeaksNothing(t *testing.T) {
	warmUp(t)
	before := runtime.NumGoroutine()
	p, err := start(0, func(live *core.Live, _ string) core.Decider { return decider{live} })
	if err != nil {
		t.Fatal(err)
	}
	running := runtime.NumGoroutine()
	client := &http.Client{Transport: &http.Transport{}}
	ctx, giveUp := context.WithCancel(t.Context())
	var streams sync.WaitGroup
	for range 8 {
		r, err := http.NewRequestWithContext(ctx, "GET", p.control.origins()[0]+"/control/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(r)
		if err != nil || response.StatusCode != 200 {
			t.Fatalf("a stream: %v, %v", response, err)
		}
		streams.Go(func() {
			defer response.Body.Close()
			for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			}
		})
	}
	policies := []string{startingPolicy(p.control.origins()[0]), `{"allow_origins": ["https://a.example"]}`}
	var work sync.WaitGroup
	for _, c := range p.control.columns {
		work.Go(func() {
			for i := range 50 {
				if problems := p.control.policy.apply(policies[i%2]); problems != nil {
					t.Errorf("got %+v", problems)
				}
				response, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/items?t=leak-%d", c.Port, i))
				if err != nil {
					t.Error(err)
					return
				}
				response.Body.Close()
			}
		})
	}
	work.Wait()
	if n := p.control.journal.listening(); n == 0 {
		t.Error("no stream is left, so this shows nothing")
	}
	giveUp()
	streams.Wait()
	client.CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections()
	goroutines(t, running+16) // idle workers of fasthttp end only after a while
	waitStreams(t, p, 0)
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	goroutines(t, before)
}

// testLeaks opens two pages at once, closes one in the middle of its stream, and reloads the policy
// all the time.
func testLeaks(t *testing.T, browser context.Context) {
	warmUp(t)
	newTab(t, browser).do(chromedp.Navigate("about:blank")) // starts what the browser starts once
	before := runtime.NumGoroutine()
	p, err := start(0, func(live *core.Live, _ string) core.Decider { return decider{live} })
	if err != nil {
		t.Fatal(err)
	}
	origins := p.control.origins()
	stays, goes := newTab(t, browser), newTab(t, browser)
	stays.do(chromedp.Navigate(origins[0]))
	goes.do(chromedp.Navigate(origins[1]))
	goes.startGrid()
	goes.wait(`document.querySelectorAll("#log li").length > 0`)
	stop := make(chan bool)
	var reloads sync.WaitGroup
	reloads.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				if err := p.control.policy.setShut("/reload/other", i%2 == 0); err != nil {
					t.Error(err)
				}
			}
		}
	})
	goes.close()
	stays.waitGrid()
	close(stop)
	reloads.Wait()
	if err := p.control.policy.setShut("/reload/other", false); err != nil {
		t.Error(err)
	}
	stays.expect(fromAllowed, "good", "As the policy decided")
	waitStreams(t, p, 1) // that of the page that stays
	stays.close()
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	goroutines(t, before)
}

// TestJournalIsBounded checks that a slow subscriber is dropped and can catch up, and that there
// are never too many subscribers.
func TestJournalIsBounded(t *testing.T) {
	j := newJournal()
	_, slow, leave, err := j.subscribe(0)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	for range 3 * maxExchanges {
		j.add(&exchange{Token: "t"})
	}
	received, last := 0, uint64(0)
	for e := range slow {
		received, last = received+1, e.id
	}
	if received != maxWaiting || last != maxWaiting {
		t.Errorf("a slow subscriber got %d events up to %d, want %d", received, last, maxWaiting)
	}
	if n := len(j.chain("t")); n > maxExchanges || n < maxExchanges/2 {
		t.Errorf("%d exchanges are kept, want about %d", n, maxExchanges)
	}
	missed, _, leaveToo, err := j.subscribe(3*maxExchanges - 2)
	if err != nil || len(missed) != 2 || missed[0].id != 3*maxExchanges-1 {
		t.Errorf("catching up: got %d events, %v", len(missed), err)
	}
	leaveToo()
	for range maxSubscribers {
		if _, _, leave, err = j.subscribe(0); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, _, err := j.subscribe(0); err != errTooMany {
		t.Errorf("one subscriber too many: got %v", err)
	}
	leave()
	if _, _, _, err := j.subscribe(0); err != nil {
		t.Errorf("after one has left: got %v", err)
	}
	j.close()
	if n := j.listening(); n != 0 {
		t.Errorf("closed, it has %d subscribers", n)
	}
	if _, _, _, err := j.subscribe(0); err == nil {
		t.Error("closed, it takes a subscriber")
	}
	leave()
}

// TestExchangesAreBounded checks that exchanges are limited in size and have no secrets.
func TestExchangesAreBounded(t *testing.T) {
	var lines [][2]string
	for range 100 {
		lines = appendLine(lines, strings.Repeat("X", 5000), strings.Repeat("y", 5000))
	}
	if len(lines) != 40 || len(lines[0][0]) > 610 || len(lines[0][1]) > 610 {
		t.Errorf("got %d lines, the first of %d and %d bytes", len(lines), len(lines[0][0]), len(lines[0][1]))
	}
	got := appendLine(nil, "Cookie", "playground-gin=ada; session=secret")
	got = appendLine(got, "Authorization", "Bearer secret")
	if got[0][1] != "playground-gin=…; session=…" || got[1][1] != "Bearer …" {
		t.Errorf("got %q", got)
	}
}
