package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// replicaSet is the set that the server seems to be the only member of.
const replicaSet = "rs0"

// proxy presents a server without transactions as a replica set of one.
type proxy struct {
	address, behind string

	mu    sync.Mutex
	fails failPoint

	// One statement at a time: FerretDB's updates are not atomic.
	statement sync.Mutex
}

// failPoint has some commands fail, as that of MongoDB's test commands does.
type failPoint struct {
	times    int32
	commands []string
	code     int32
	labels   bson.A
}

func newProxy(address, behind string) *proxy { return &proxy{address: address, behind: behind} }

// serve answers those who connect until the socket is closed.
func (p *proxy) serve(ctx context.Context, socket net.Listener) {
	for {
		client, err := socket.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = client.Close() }()
			defer context.AfterFunc(ctx, func() { _ = client.Close() })()
			server, err := new(net.Dialer).DialContext(ctx, "tcp", p.behind)
			if err != nil {
				return
			}
			defer func() { _ = server.Close() }()
			p.connect(client, server)
		}()
	}
}

// Codes of messages.
const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013
)

const headerBytes = 16

// message is one of MongoDB's wire protocol: a header, and a body.
type message struct {
	id, op int32
	body   []byte
}

func read(from io.Reader) (message, []byte, error) {
	raw := make([]byte, headerBytes)
	if _, err := io.ReadFull(from, raw); err != nil {
		return message{}, nil, err
	}
	length := int(binary.LittleEndian.Uint32(raw))
	if length < headerBytes || length > 64<<20 {
		return message{}, nil, errors.New("a message of an impossible length")
	}
	raw = append(raw, make([]byte, length-headerBytes)...)
	_, err := io.ReadFull(from, raw[headerBytes:])
	m := message{int32(binary.LittleEndian.Uint32(raw[4:])), int32(binary.LittleEndian.Uint32(raw[12:])), raw[headerBytes:]}
	return m, raw, err
}

// put writes a message that answers another one, or is none.
func put(to io.Writer, id, answers, op int32, body []byte) error {
	raw := binary.LittleEndian.AppendUint32(nil, uint32(headerBytes+len(body)))
	raw = binary.LittleEndian.AppendUint32(raw, uint32(id))
	raw = binary.LittleEndian.AppendUint32(raw, uint32(answers))
	raw = binary.LittleEndian.AppendUint32(raw, uint32(op))
	_, err := to.Write(append(raw, body...))
	return err
}

// connect answers the messages of a connection, one after the other.
func (p *proxy) connect(client io.ReadWriter, server io.ReadWriter) {
	for {
		m, raw, err := read(client)
		if err != nil {
			return
		}
		switch m.op {
		case opQuery: // the first of a connection
			err = p.reply(client, m.id, p.hello())
		case opMsg:
			err = p.message(client, server, m)
		default:
			_, err = server.Write(raw)
		}
		if err != nil {
			return
		}
	}
}

// reply answers a query of old.
func (p *proxy) reply(client io.Writer, id int32, answer bson.D) error {
	data, err := bson.Marshal(answer)
	if err != nil {
		return err
	}
	body := make([]byte, 20)
	body[0] = 8 // it can await
	binary.LittleEndian.PutUint32(body[16:], 1)
	return put(client, 0, id, opReply, append(body, data...))
}

// message answers a command, or has the server answer it without what it does not
// know.
func (p *proxy) message(client io.Writer, server io.ReadWriter, m message) error {
	command, rest, err := split(m.body)
	if err != nil || len(command) == 0 {
		return errors.Join(err, errors.New("a message without a command"))
	}
	answer, own := p.answer(command)
	if own {
		data, err := bson.Marshal(answer)
		if err != nil {
			return err
		}
		return put(client, 0, m.id, opMsg, append([]byte{0, 0, 0, 0, 0}, data...))
	}
	command = slices.DeleteFunc(command, func(e bson.E) bool {
		switch e.Key {
		case "lsid", "txnNumber", "startTransaction", "autocommit", "readConcern", "writeConcern", "$clusterTime":
			return true
		}
		return false
	})
	data, err := bson.Marshal(command)
	if err != nil {
		return err
	}
	body := append([]byte{0, 0, 0, 0, 0}, data...)
	p.statement.Lock()
	defer p.statement.Unlock()
	if err := put(server, m.id, 0, opMsg, append(body, rest...)); err != nil {
		return err
	}
	_, raw, err := read(server)
	if err != nil {
		return err
	}
	_, err = client.Write(raw)
	return err
}

// split is the command of a message, and the sequences of documents that it has
// beside.
func split(body []byte) (command bson.D, rest []byte, err error) {
	if len(body) < 4 {
		return nil, nil, io.ErrUnexpectedEOF
	}
	if binary.LittleEndian.Uint32(body)&1 != 0 { // a checksum
		body = body[:len(body)-4]
	}
	for body = body[4:]; len(body) > 5; {
		length := int(binary.LittleEndian.Uint32(body[1:]))
		if length < 0 || 1+length > len(body) {
			return nil, nil, io.ErrUnexpectedEOF
		}
		section := body[:1+length]
		body = body[1+length:]
		if section[0] == 1 {
			rest = append(rest, section...)
		} else if err := bson.Unmarshal(section[1:], &command); err != nil {
			return nil, nil, err
		}
	}
	return command, rest, nil
}

// answer is what the proxy answers by itself.
func (p *proxy) answer(command bson.D) (answer bson.D, own bool) {
	name := command[0].Key
	if name == "configureFailPoint" {
		p.configure(command)
		return bson.D{{Key: "ok", Value: 1.0}}, true
	}
	if failure := p.failing(name); failure != nil {
		return failure, true
	}
	switch name {
	case "hello", "isMaster", "ismaster":
		return p.hello(), true
	case "commitTransaction", "abortTransaction", "endSessions":
		return bson.D{{Key: "ok", Value: 1.0}}, true
	}
	return nil, false
}

// configure sets what fails: {configureFailPoint: "failCommand", mode: {times: 2},
// data: {failCommands: ["insert"], errorCode: 112, errorLabels: […]}}.
func (p *proxy) configure(command bson.D) {
	data, err := bson.Marshal(command)
	if err != nil {
		return
	}
	var asked struct {
		Mode struct {
			Times int32 `bson:"times"`
		} `bson:"mode"`
		Data struct {
			Commands []string `bson:"failCommands"`
			Code     int32    `bson:"errorCode"`
			Labels   bson.A   `bson:"errorLabels"`
		} `bson:"data"`
	}
	if err := bson.Unmarshal(data, &asked); err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fails = failPoint{asked.Mode.Times, asked.Data.Commands, asked.Data.Code, asked.Data.Labels}
}

func (p *proxy) failing(command string) bson.D {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails.times <= 0 || !slices.Contains(p.fails.commands, command) {
		return nil
	}
	p.fails.times--
	return bson.D{
		{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: "failing command via 'failCommand' failpoint"},
		{Key: "code", Value: p.fails.code}, {Key: "errorLabels", Value: p.fails.labels},
	}
}

// hello is how the only member of a replica set introduces itself.
func (p *proxy) hello() bson.D {
	return bson.D{
		{Key: "helloOk", Value: true}, {Key: "isWritablePrimary", Value: true}, {Key: "ismaster", Value: true}, {Key: "secondary", Value: false},
		{Key: "setName", Value: replicaSet}, {Key: "setVersion", Value: int32(1)}, {Key: "hosts", Value: bson.A{p.address}},
		{Key: "primary", Value: p.address}, {Key: "me", Value: p.address},
		{Key: "maxBsonObjectSize", Value: int32(16777216)}, {Key: "maxMessageSizeBytes", Value: int32(48000000)},
		{Key: "maxWriteBatchSize", Value: int32(100000)}, {Key: "localTime", Value: bson.NewDateTimeFromTime(time.Now())},
		{Key: "logicalSessionTimeoutMinutes", Value: int32(30)}, {Key: "minWireVersion", Value: int32(0)}, {Key: "maxWireVersion", Value: int32(21)},
		{Key: "readOnly", Value: false}, {Key: "ok", Value: 1.0},
	}
}
