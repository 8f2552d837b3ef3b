package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
)

// explain says in words for a user why an attempt failed: err is the attempt's, fault that of the connection, or nil.
func explain(err, fault error) string {
	if fault != nil {
		return explainFault(fault)
	}
	s, ok := status.FromError(err)
	if !ok {
		return explainFault(err)
	}
	text := explainText(s.Message())
	switch {
	case text != "":
		return text
	case s.Message() == "":
		return s.Code().String()
	case s.Code() == codes.Unavailable, s.Code() == codes.DeadlineExceeded:
		return s.Message()
	}
	return s.Code().String() + ": " + s.Message()
}

// explainText reads what comes as text alone; "" is none of it.
func explainText(message string) string {
	switch {
	// With TLS 1.3 a server refuses the client's certificate after the handshake.
	case strings.Contains(message, "remote error: tls:"):
		return "the server refused the TLS connection (" + afterLast(message, "remote error: ") + "): does it expect a client certificate, or another one?"
	case strings.Contains(message, healthFailure):
		return "the server says that it is not serving (" + afterLast(message, "=") + "): it may be starting or stopping; its log says more"
	case strings.Contains(message, "keepalive ping failed"):
		return fmt.Sprintf("the server was silent: it left a keepalive ping unanswered for %s", keepaliveTimeout)
	// The connection is there, and its greeting is late: gRPC closes it then, on this side.
	case strings.Contains(message, "error reading server preface") && containsAny(message, "use of closed network connection", "i/o timeout", "deadline exceeded"):
		return fmt.Sprintf("the server accepted the connection, and was silent for %s: it may be stuck, or have no time; or is this no gRPC port?", connectTimeout)
	case containsAny(message, "error reading server preface", "broken pipe", "connection reset by peer"):
		return closedByServer
	}
	return ""
}

// closedByServer is for a connection that ends before an answer: a server that stops, or one that expects another protocol.
const closedByServer = "the server closed the connection; if it keeps doing so: is it a gRPC port, and does it expect TLS, or a client certificate?"

// healthFailure is how gRPC words the state of a connection whose server says, by its health service, that it is not well.
const healthFailure = "connection active but health check failed"

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

// afterLast is what follows the last separator, without the quotes that gRPC puts around a description.
func afterLast(s, separator string) string {
	return strings.Trim(s[strings.LastIndex(s, separator)+len(separator):], `"`)
}

// explainFault reads the typed errors of the net, tls and x509 packages.
func explainFault(err error) string {
	var (
		dns       *net.DNSError
		hostname  x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		network   net.Error
	)
	switch {
	case errors.As(err, new(*naming.NotSRV)):
		return err.Error()
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return "the name " + dns.Name + " does not resolve: no such host"
		}
		return "the name " + dns.Name + " does not resolve: " + dns.Err
	case errors.As(err, &hostname):
		return "the server's TLS certificate is for another name (" + hostname.Error() + "): check the address, or set the TLS server name"
	case errors.As(err, &authority):
		return "the server's TLS certificate is signed by an unknown authority: set the CA certificate"
	case errors.As(err, &invalid):
		return "the server's TLS certificate is not valid: " + invalid.Error()
	case errors.As(err, &record):
		return "the server does not speak TLS at this port: turn TLS off, or check the port"
	case errors.As(err, &alert):
		return "the server refused the TLS connection (" + alert.Error() + "): does it expect a client certificate, or another one?"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused: nothing listens at this address"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route to the host"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return closedByServer
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "no answer to the connection attempt in time: is the address right, and is a firewall in between?"
	}
	if text := explainText(err.Error()); text != "" {
		return text
	}
	return err.Error()
}

// misconfigured tells the faults that another attempt cannot mend.
func misconfigured(fault error) bool {
	var (
		dns          *net.DNSError
		verification *tls.CertificateVerificationError
		record       tls.RecordHeaderError
	)
	return errors.As(fault, &verification) || errors.As(fault, &record) || (errors.As(fault, &dns) && dns.IsNotFound)
}

// hopeless tells whether every endpoint, or every name, is out of reach by misconfiguration, so that a retry would only
// delay the message.
func (t *table) hopeless() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, err := range t.lookups {
		if err != nil && !misconfigured(err) {
			return false
		}
	}
	for _, e := range t.endpoints {
		if e.fault == nil || !misconfigured(e.fault) {
			return false
		}
	}
	return true
}

// errNoEndpoint is the error of an attempt that found no endpoint.
var errNoEndpoint = status.Error(codes.Unavailable, "no endpoint is known")
