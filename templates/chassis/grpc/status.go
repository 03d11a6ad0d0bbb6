package grpc

import (
	"errors"
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/message"
)

// statusCodes are the codes of gRPC for statuses of HTTP, as google.rpc.Code
// pairs them. Another refusal is FAILED_PRECONDITION: a rule of the model does
// not allow it as things are.
var statusCodes = map[int]codes.Code{
	http.StatusBadRequest:            codes.InvalidArgument,
	http.StatusUnauthorized:          codes.Unauthenticated,
	http.StatusForbidden:             codes.PermissionDenied,
	http.StatusNotFound:              codes.NotFound,
	http.StatusPreconditionFailed:    codes.Aborted,
	http.StatusRequestEntityTooLarge: codes.ResourceExhausted,
	http.StatusTooManyRequests:       codes.ResourceExhausted,
	inbound.StatusClientGone:         codes.Canceled,
	http.StatusBadGateway:            codes.Unavailable,
	http.StatusServiceUnavailable:    codes.Unavailable,
	http.StatusGatewayTimeout:        codes.DeadlineExceeded,
}

// codeOf is the code for an error and the problem it is.
func codeOf(err error, p inbound.Problem) codes.Code {
	var refused *command.Error
	switch code, known := statusCodes[p.Status]; {
	case p.Code == inbound.CodeTimeout && p.Status == http.StatusServiceUnavailable:
		return codes.DeadlineExceeded
	case errors.Is(err, command.ErrExists):
		return codes.AlreadyExists
	case p.Status == http.StatusConflict && errors.As(err, &refused) && errors.Is(err, message.ErrUnavailable):
		return codes.Aborted // others were faster: worth another try
	case known:
		return code
	case p.Status >= 500:
		return codes.Internal
	}
	return codes.FailedPrecondition
}

// statusOf is the status to answer an error with. Its details say for programs
// what its message says for people: ErrorInfo has the same code as the problem
// details of HTTP, BadRequest the fields of the request that are wrong,
// RetryInfo when to come again. Nothing internal is in it.
func (s *schema) statusOf(err error, request protoreflect.MessageDescriptor) *status.Status {
	if st, ok := status.FromError(err); ok {
		return st // the library's own: the message is too large, the connection broke
	}
	p := inbound.ProblemOf(err)
	st := status.New(codeOf(err, p), p.Detail)
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: p.Code, Domain: string(s.file.Package())}}
	if len(p.Errors) > 0 {
		bad := &errdetails.BadRequest{}
		for _, e := range p.Errors {
			bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{
				Field: s.fieldPath(request, e.Pointer), Description: e.Message, Reason: e.Code,
			})
		}
		details = append(details, bad)
	}
	if p.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(p.RetryAfter)})
	}
	if detailed, err := st.WithDetails(details...); err == nil {
		return detailed
	}
	return st
}
