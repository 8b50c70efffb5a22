// Package local is the embedded engine's host: it runs the deployed functions on
// one machine, over one SQLite file, through the JSON of real Lambda events. It has
// a gateway where AWS has an HTTP API, pollers and a follower where AWS has event
// source mappings, a ticker for the schedule, and a sink that answers like the
// platforms. What exists and how large it is comes from infra/plan.
//
// The operator's command and tests import it; it imports the functions and the
// embedded drivers.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	reading "ines/functions/classify"
	"ines/infra/plan"
	archives "ines/shared/archive/dir"
	"ines/shared/aws"
	"ines/shared/channel"
	"ines/shared/channel/registry"
	"ines/shared/classify"
	"ines/shared/classify/heads"
	"ines/shared/deposit"
	"ines/shared/docket"
	"ines/shared/policy"
	queues "ines/shared/queue/sqlite"
	"ines/shared/secret"
	"ines/shared/sqlitefile"
	"ines/shared/table"
	"ines/shared/table/dynamo"
)

// Config says what to host. Data, Desk and Secrets are required.
type Config struct {
	Data    string // folder of the database and the archive; made if absent
	Desk    *policy.Desk
	Secrets secret.Source
	// Addr is where to listen, host:port; "" listens nowhere (for Invoke).
	Addr string
	// PublicURL is the address under which platforms reach us; "" is the
	// listener's own.
	PublicURL string
	// Live sends replies to the real platforms instead of the sink.
	Live bool
	// StartAt is where the desk's clock begins in a new folder; zero: now.
	StartAt time.Time

	// The rest has defaults.
	Plan       plan.Plan
	Find       func(name string) (channel.Channel, bool)
	Classifier classify.Classifier
	Network    http.RoundTripper // used when Live
	Wall       func() time.Time
	Log        *slog.Logger
	// DynamoDB puts the table there; nil keeps it in the folder, too. Queues,
	// archive and secrets stay in the folder either way, and so does the note of
	// how far the table's stream has been followed.
	DynamoDB *DynamoDB
	// Deposits is where mail is that was too large for a webhook; nil fetches none.
	Deposits deposit.Store
	// Bedrock is how the model is reached that the policy names for second
	// opinions; nil asks nobody.
	Bedrock *aws.Config
}

// DynamoDB says where a table is that exists already.
type DynamoDB struct {
	AWS     aws.Config
	Table   string
	Observe func(context.Context, dynamo.Request) // see dynamo.Config
}

func (c *Config) complete() error {
	if c.Data == "" || c.Desk == nil || c.Secrets == nil {
		return errors.New("local.Config needs Data, Desk and Secrets")
	}
	if len(c.Plan.Functions) == 0 {
		c.Plan = plan.Default()
	}
	if c.Find == nil {
		c.Find = registry.Find
	}
	if c.Classifier == nil {
		learned, err := reading.Classifier(c.Desk, reading.Words(c.Desk), heads.Open(), reading.Read)
		if err != nil {
			return err
		}
		c.Classifier = learned
	}
	if c.Network == nil {
		c.Network = http.DefaultTransport
	}
	if c.Wall == nil {
		c.Wall = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Host is an opened engine. Its methods are safe for concurrent use; Run may be
// called once.
type Host struct {
	c         Config
	db        *sqlitefile.DB
	table     table.Table
	queues    *queues.Queues
	archive   *archives.Archive
	clock     *deskClock
	secrets   *secrets
	docket    *docket.Docket
	sink      *sink
	ids       *requestIDs
	hosted    map[string]*function
	pollers   []*poller
	follower  following
	ticker    *ticker
	listener  net.Listener
	publicURL string

	openFollower  func(context.Context, *function) (following, error)
	deleteExpired func(context.Context) error
	trim          func(context.Context) error // forgets the changes that were followed

	busy   activity
	front  frontDoor
	still  sync.RWMutex // see poller
	travel sync.Mutex   // one time traveller at a time
}

// Open opens the folder and makes the functions. Requests to Addr wait until Run.
// A folder that another process has open is sqlitefile.ErrInUse.
func Open(c Config) (h *Host, err error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	h = &Host{c: c, ids: newRequestIDs()}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
			h = nil
		}
	}()
	if h.db, err = sqlitefile.Open(filepath.Join(c.Data, "ines.db")); err != nil {
		return h, err
	}
	if c.Addr != "" {
		if h.listener, err = net.Listen("tcp", c.Addr); err != nil {
			return h, fmt.Errorf("listen on %s: %w", c.Addr, err)
		}
	}
	if h.publicURL = strings.TrimSuffix(c.PublicURL, "/"); h.publicURL == "" {
		h.publicURL = h.URL()
	}
	if err = h.drivers(context.Background()); err != nil {
		return h, err
	}
	return h, h.machinery(context.Background())
}

// drivers opens the ports' embedded drivers and what stands on them.
func (h *Host) drivers(ctx context.Context) (err error) {
	if h.clock, err = openClock(ctx, h.db, h.c.Wall, h.c.StartAt); err != nil {
		return err
	}
	if err = h.openTable(); err != nil {
		return err
	}
	o := queues.Options{Now: h.clock.Now}
	for _, q := range h.c.Plan.Queues {
		o.Queues = append(o.Queues, queues.Queue{Name: q.Name, FIFO: q.FIFO, Visibility: q.Visibility, MaxReceives: q.MaxReceives})
	}
	if h.queues, err = queues.New(h.db, o); err != nil {
		return err
	}
	if h.archive, err = archives.New(filepath.Join(h.c.Data, "archive")); err != nil {
		return err
	}
	tokensFor := h.c.Desk
	network := h.c.Network
	if h.c.Live {
		tokensFor = nil
	} else {
		network = nil
	}
	if h.secrets, err = openSecrets(ctx, h.db, h.c.Secrets, tokensFor); err != nil {
		return err
	}
	linkKeys := func(ctx context.Context) ([]string, error) { return h.secrets.Values(ctx, secret.Link, "") }
	h.docket = docket.New(h.table, h.c.Desk, docket.NewChannels(h.c.Desk, h.c.Find), linkKeys, docket.DefaultSettings)
	record, err := openRecord(ctx, h.db)
	if err != nil {
		return err
	}
	h.sink = newSink(h.c.Find, h.clock.Now, h.c.Wall, &h.busy, record, network)
	return nil
}

// machinery makes the functions and what invokes them.
func (h *Host) machinery(ctx context.Context) (err error) {
	if h.hosted, err = h.functions(); err != nil {
		return err
	}
	for _, f := range h.c.Plan.Functions {
		fn := h.hosted[f.Name]
		switch {
		case f.Trigger.Queue != "":
			q, ok := h.c.Plan.Queue(f.Trigger.Queue)
			if !ok {
				return fmt.Errorf("the plan has no queue %s, which %s is to be fed from", f.Trigger.Queue, f.Name)
			}
			h.pollers = append(h.pollers, newPoller(q, fn, h.queues, h.clock.Now, &h.still, &h.front, h.c.Log))
		case f.Trigger.Stream:
			if h.follower, err = h.openFollower(ctx, fn); err != nil {
				return err
			}
		case f.Trigger.Schedule > 0:
			h.ticker = &ticker{fn: fn, now: h.clock.Now, log: h.c.Log, moved: make(chan struct{}, 1), besides: h.tidy}
		}
	}
	if h.follower == nil || h.ticker == nil {
		return errors.New("the plan has no function on the stream, or none on the schedule")
	}
	return nil
}

// URL is where the engine serves, "" without a listener.
func (h *Host) URL() string {
	if h.listener == nil {
		return ""
	}
	return "http://" + h.listener.Addr().String()
}

// PublicURL is the address that platforms see.
func (h *Host) PublicURL() string { return h.publicURL }

// Fresh reports whether nothing has ever been received.
func (h *Host) Fresh(ctx context.Context) (bool, error) {
	items, _, err := h.docket.Outcomes(ctx)
	return items == 0, err
}

// Close gives up the listener and the database. Run must have returned.
func (h *Host) Close() error {
	var errs []error
	if h.listener != nil {
		if err := h.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if h.db != nil {
		errs = append(errs, h.db.Close())
	}
	return errors.Join(errs...)
}
