package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// figures is what the report has measured. It is kept in benchmarks/figures.jsonl, one record per
// line, so that README.md and the charts can be written again without measuring.
type figures struct {
	machine   machine
	scenarios []scenario // those of a framework are neighbours
	builds    []build
	sockets   []socket
}

// machine says where and when the figures were measured.
type machine struct {
	Quick    bool     `json:"quick,omitempty"`
	Date     string   `json:"date"`
	CPU      string   `json:"cpu"`
	CPUs     int      `json:"cpus"`
	Platform string   `json:"platform"`
	Go       string   `json:"go"`
	Versions []string `json:"versions"`
}

// scenario has the figures of a scenario on a framework.
type scenario struct {
	Framework string     `json:"framework"`
	Name      string     `json:"name"`
	BareNS    float64    `json:"bare_ns"` // the time of a request without CORS
	Peers     []measured `json:"peers"`
	// Compared has the ratio of our time to that of the peer Than. It is nil if there is no such peer.
	Compared *ratio `json:"compared,omitempty"`
	Than     string `json:"than,omitempty"`
}

// measured has the figures of a peer in a scenario. They are what the peer costs in addition to the
// framework without CORS.
type measured struct {
	Peer   string  `json:"peer"`
	NS     float64 `json:"ns"`
	Bytes  float64 `json:"bytes"`
	Allocs float64 `json:"allocs"`
	Mark   string  `json:"mark,omitempty"` // a sign in the tables
	Why    string  `json:"why,omitempty"`
}

// ratio has the quartiles of ratios that were each taken within one round.
type ratio struct {
	Low    float64 `json:"low"`
	Median float64 `json:"median"`
	High   float64 `json:"high"`
}

// build has what it costs a peer to build its middleware.
type build struct {
	Peer  string `json:"peer"`
	Sizes []size `json:"sizes"` // in the order of buildSizes
}

// size is the cost of a list of origins. It is zero if the peer does not support the policy.
type size struct {
	Seconds  float64 `json:"seconds"`
	Bytes    float64 `json:"bytes"`              // retained, without the strings of the list
	Estimate bool    `json:"estimate,omitempty"` // from a hundredth of the list
}

// socket has the figures of a peer whose server is a process of its own.
type socket struct {
	Framework string  `json:"framework"`
	Request   string  `json:"request"` // the name of a scenario
	Peer      string  `json:"peer"`
	PerSecond float64 `json:"per_second"`
	CPU       float64 `json:"cpu_ns"`         // of the server, per request
	Ours      *ratio  `json:"ours,omitempty"` // our CPU time to that of this peer; nil for us
}

// record is a line of the file. Exactly one field is set.
type record struct {
	Machine  *machine  `json:"machine,omitempty"`
	Scenario *scenario `json:"scenario,omitempty"`
	Build    *build    `json:"build,omitempty"`
	Socket   *socket   `json:"socket,omitempty"`
}

func (f *figures) encode() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	records := []record{{Machine: &f.machine}}
	for i := range f.scenarios {
		records = append(records, record{Scenario: &f.scenarios[i]})
	}
	for i := range f.builds {
		records = append(records, record{Build: &f.builds[i]})
	}
	for i := range f.sockets {
		records = append(records, record{Socket: &f.sockets[i]})
	}
	for _, r := range records {
		if err := encoder.Encode(r); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func decode(data []byte) (*figures, error) {
	f := &figures{}
	decoder := json.NewDecoder(bufio.NewReader(bytes.NewReader(data)))
	decoder.DisallowUnknownFields()
	for line := 1; ; line++ {
		var r record
		switch err := decoder.Decode(&r); {
		case errors.Is(err, io.EOF):
			if f.machine.Date == "" {
				return nil, errors.New("the figures do not say when they were measured")
			}
			return f, nil
		case err != nil:
			return nil, fmt.Errorf("record %d: %w", line, err)
		}
		switch {
		case r.Machine != nil:
			f.machine = *r.Machine
		case r.Scenario != nil:
			f.scenarios = append(f.scenarios, *r.Scenario)
		case r.Build != nil:
			f.builds = append(f.builds, *r.Build)
		case r.Socket != nil:
			f.sockets = append(f.sockets, *r.Socket)
		default:
			return nil, fmt.Errorf("record %d is empty", line)
		}
	}
}

// frameworks returns the names of the frameworks.
func (f *figures) frameworks() (names []string) {
	for _, s := range f.scenarios {
		names = append(names, s.Framework)
	}
	return slices.Compact(names)
}

// of returns the scenarios of a framework.
func (f *figures) of(framework string) (found []scenario) {
	for _, s := range f.scenarios {
		if s.Framework == framework {
			found = append(found, s)
		}
	}
	return found
}

// rounded keeps two digits after the point, which is more than what a measurement is worth.
func rounded(x float64) float64 { return math.Round(x*100) / 100 }

// significant keeps three significant digits.
func significant(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	if err != nil {
		return x // it is infinite
	}
	return y
}

// quartiles returns the quartiles of the ratios, or nil if there are none.
func quartiles(all []float64) *ratio {
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	at := func(q int) float64 { return significant(all[q*(len(all)-1)/4]) }
	return &ratio{at(1), at(2), at(3)}
}
