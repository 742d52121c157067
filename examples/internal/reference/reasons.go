package main

import (
	"context"
	"fmt"

	"github.com/polycors/cors/core"
)

// nameOf returns the name of a reason, such as "origin-not-allowed". The constants are in the order
// of their values.
func nameOf(code *source, constant string) string {
	for i, r := range code.reasons {
		if r.constant == constant {
			return core.Reason(i).String()
		}
	}
	return ""
}

func refusedText(r core.Reason) string {
	if (core.Decision{Reason: r}).Refused() {
		return "yes"
	}
	return "no"
}

// reasonTable returns the table of all reasons.
func reasonTable(code *source, _ string) (string, error) {
	var rows [][]string
	for i, r := range code.reasons {
		reason := core.Reason(i)
		rows = append(rows, []string{
			fmt.Sprintf("[%s](#%s)", inline(reason.String()), reason), refusedText(reason), words(r.comment),
		})
	}
	return table([]string{"reason", "refused", "meaning"}, rows), nil
}

// reasonSection returns the constant of a reason, and what Explain says about an example.
func reasonSection(code *source, name string) (string, error) {
	for i, r := range code.reasons {
		reason := core.Reason(i)
		if reason.String() != name {
			continue
		}
		explained, err := explain(name)
		if err != nil {
			return "", err
		}
		if explained.Decision.Reason != reason {
			return "", fmt.Errorf("the reason of the example is %v", explained.Decision.Reason)
		}
		explained.Curl = ""
		return inline("core."+r.constant) + ": " + words(r.comment) + ".\n\n" + fenced("text", explained.String()), nil
	}
	return "", fmt.Errorf("there is no such reason")
}

// explain explains the example of a reason.
func explain(name string) (core.Explanation, error) {
	example, ok := reasons[name]
	if !ok {
		return core.Explanation{}, fmt.Errorf("there is no example")
	}
	ctx := context.Background()
	if name == core.ReasonCrossSiteWrite.String() {
		protection, err := core.NewCSRFProtection(core.CSRFConfig{})
		if err != nil {
			return core.Explanation{}, err
		}
		return protection.Explain(ctx, example.request), nil
	}
	policy, err := core.New(example.config)
	if err != nil {
		return core.Explanation{}, err
	}
	return policy.Explain(ctx, example.request), nil
}
