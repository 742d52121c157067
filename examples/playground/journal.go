package main

import (
	"errors"
	"sync"
)

const (
	maxExchanges   = 2048 // kept in memory
	maxSubscribers = 16
	maxWaiting     = 512 // events that wait for a slow subscriber
)

// event is a line of the log: an exchange, or a policy that was applied.
type event struct {
	id       uint64    // ascending, shared with exchanges
	exchange *exchange // nil for a policy
	policy   int       // the generation of the policy
}

// journal keeps the latest exchanges and sends each new one to all subscribers. Its methods may be
// called concurrently.
type journal struct {
	mu          sync.Mutex
	lastID      uint64
	events      []event // oldest first; len(events) <= maxExchanges
	subscribers map[chan event]bool
	closed      bool
}

func newJournal() *journal { return &journal{subscribers: map[chan event]bool{}} }

// add adds the exchange, which must not be changed any more.
func (j *journal) add(e *exchange) { j.publish(event{exchange: e}) }

func (j *journal) publish(e event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lastID++
	e.id = j.lastID
	if e.exchange != nil {
		e.exchange.ID = e.id
	}
	if len(j.events) >= maxExchanges {
		j.events = append(j.events[:0], j.events[maxExchanges/4:]...)
	}
	j.events = append(j.events, e)
	for s := range j.subscribers {
		select {
		case s <- e:
		default: // too slow: the client reconnects and gets what it missed
			delete(j.subscribers, s)
			close(s)
		}
	}
}

// chain returns the exchanges with the token, oldest first.
func (j *journal) chain(token string) (found []*exchange) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.events {
		if e.exchange != nil && e.exchange.Token == token {
			found = append(found, e.exchange)
		}
	}
	return found
}

// exchange returns the exchange with the id, or nothing if it is not kept any more.
func (j *journal) exchange(id uint64) []*exchange {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.events {
		if e.id == id && e.exchange != nil {
			return []*exchange{e.exchange}
		}
	}
	return nil
}

var errTooMany = errors.New("there are too many streams; close another page of the playground")

// subscribe returns the events after the one with the given id, as far as they are kept, and a
// channel of new events. The channel is closed when the subscriber is too slow, or when the journal
// is closed. The caller must call leave.
func (j *journal) subscribe(after uint64) (missed []event, events <-chan event, leave func(), err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed || len(j.subscribers) >= maxSubscribers {
		return nil, nil, nil, errTooMany
	}
	if after > 0 {
		for _, e := range j.events {
			if e.id > after {
				missed = append(missed, e)
			}
		}
	}
	s := make(chan event, maxWaiting)
	j.subscribers[s] = true
	return missed, s, func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.subscribers, s)
	}, nil
}

// close ends all streams.
func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	for s := range j.subscribers {
		delete(j.subscribers, s)
		close(s)
	}
}

// listening returns the number of subscribers.
func (j *journal) listening() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.subscribers)
}
