package core

import "context"

// AllowsWebSocket reports whether to accept the WebSocket handshake r. CORS does not apply to
// WebSockets: a browser lets every page open one to any server, and sends the visitor's cookies. So
// the server must check the origin itself. For example, with gorilla/websocket on net/http:
//
//	upgrader := websocket.Upgrader{
//		CheckOrigin: func(r *http.Request) bool {
//			return core.AllowsWebSocket(r.Context(), policy, corshttp.Request(r))
//		},
//	}
//
// A handshake is accepted in three cases:
//
//   - Its origin is allowed with credentials: d allows it, and AllowCredentials is set.
//   - It comes from a page of the server itself.
//   - It has no Origin header, so it does not come from a browser.
//
// AllowsWebSocket calls d like any other request does, so the OnDecision of a policy is called.
func AllowsWebSocket(ctx context.Context, d Decider, r Request) bool {
	return allowsWebSocket(ctx, d, r, true)
}

// AllowsWebSocketWithoutCookies is like [AllowsWebSocket], but for a server that ignores the
// cookies of the handshake, for example because the client sends a token in its first message. It
// therefore also accepts origins that d allows without credentials. If the policy has the origin
// "*", every handshake is accepted.
func AllowsWebSocketWithoutCookies(ctx context.Context, d Decider, r Request) bool {
	return allowsWebSocket(ctx, d, r, false)
}

func allowsWebSocket(ctx context.Context, d Decider, r Request, cookies bool) bool {
	decision := d.Decide(ctx, r)
	from, _ := crossOrigin(&r)
	switch {
	case from == "":
		return true
	case decision.Allowed() && (decision.AllowCredentials || !cookies):
		return true
	}
	// Asked again, because a policy with "*" allows the server's own origin like any other.
	return isSameOrigin(&r, from)
}
