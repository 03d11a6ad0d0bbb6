package services

import (
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
)

// What is offered over gRPC is called after the notes of the wall and nothing
// else, so that it stays as long as they do. "" is what is not offered.

// RPC is the method that gives the command.
func (c *Command) RPC() string {
	if !c.Aggregate.Service.GRPC || c.Path == "" {
		return ""
	}
	return c.Aggregate.RPCService() + "/" + names.Kept(&c.Model.Node).Go
}

// RPCService is the gRPC service with the aggregate's methods.
func (a *Aggregate) RPCService() string { return naming.RPCService(a.Model) }

// RPC is the method that reads the state.
func (a *Aggregate) RPC() string {
	if !a.Service.GRPC || len(a.Roles) == 0 {
		return ""
	}
	return a.RPCService() + "/" + naming.RPCState(a.Model)
}

// RPCService is the gRPC service with the view's methods.
func (v *View) RPCService() string { return naming.RPCViewService(v.Model) }

// GetRPC is the method that reads a row.
func (v *View) GetRPC() string {
	if !v.Service.GRPC || len(v.Roles) == 0 {
		return ""
	}
	return v.RPCService() + "/Get" + naming.RPCRow(v.Model)
}

// ListRPC is the method that reads a page of rows.
func (v *View) ListRPC() string {
	if !v.Service.GRPC || len(v.Roles) == 0 {
		return ""
	}
	return v.RPCService() + "/" + naming.RPCList(v.Model)
}

// RPC is the method that asks the query.
func (q *Query) RPC() string {
	if q.View.ListRPC() == "" || len(q.Roles) == 0 {
		return ""
	}
	return q.View.RPCService() + "/" + naming.RPCQuery(q.Model)
}

// ServeFunc adds the aggregate's methods.
func (a *Aggregate) ServeFunc() string { return "serve" + a.Repo }

// ServeFunc adds the view's methods.
func (v *View) ServeFunc() string { return "serve" + v.Repo }
