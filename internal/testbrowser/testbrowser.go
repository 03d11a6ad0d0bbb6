// Package testbrowser is a browser for tests of pages: Chromium, without a window.
package testbrowser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Patience is how long something on a page is waited for.
const Patience = 60 * time.Second

// Tab is a page that a test looks at.
type Tab struct {
	t   testing.TB
	ctx context.Context
}

// Open opens a browser; without one the test is skipped. It is closed with the test.
func Open(t testing.TB) *Tab {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("there is no Chromium on this machine: pages are not tried")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(Patience))
	allocated, end := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		cancel()
		end()
	})
	tab := &Tab{t, ctx}
	tab.Size(1366, 768)
	return tab
}

// Do has the browser do something, or the test fails.
func (b *Tab) Do(actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, Patience)
	defer cancel()
	if err := chromedp.Run(b.ctx, chromedp.ActionFunc(func(of context.Context) error {
		for _, a := range actions {
			if err := a.Do(of); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		return nil
	})); err != nil {
		b.t.Fatalf("the browser: %v", err)
	}
}

// Size makes the window so wide and high.
func (b *Tab) Size(width, height int64) { b.Do(chromedp.EmulateViewport(width, height)) }

// Dark has the page be dark, or light.
func (b *Tab) Dark(dark bool) {
	value := "light"
	if dark {
		value = "dark"
	}
	b.Do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
}

// Go opens an address.
func (b *Tab) Go(url string) { b.Do(chromedp.Navigate(url)) }

// Eval computes an expression of the page; promises are waited for.
func Eval[T any](b *Tab, script string) (value T) {
	b.t.Helper()
	b.Do(chromedp.Evaluate(script, &value, chromedp.EvalAsValue, awaited))
	return value
}

// Until waits until an expression of the page is true.
func (b *Tab) Until(script string) {
	b.t.Helper()
	deadline := time.Now().Add(Patience)
	for !Eval[bool](b, "Boolean("+script+")") {
		if time.Now().After(deadline) {
			b.t.Fatalf("the page never says %s; it says\n%s", script, Eval[string](b, "document.body.innerText.slice(0, 4000)"))
		}
		time.Sleep(20 * time.Millisecond) // between two looks
	}
}

// Keys types, wherever the focus is.
func (b *Tab) Keys(keys string) { b.Do(chromedp.KeyEvent(keys)) }

// Press clicks the first element that a selector finds.
func (b *Tab) Press(selector string) {
	b.t.Helper()
	b.Until(fmt.Sprintf("document.querySelector(%q)", selector))
	Eval[bool](b, fmt.Sprintf("(document.querySelector(%q).click(), true)", selector))
}

// Write writes into the field that a selector finds, as a person who leaves it.
func (b *Tab) Write(selector, text string) {
	b.t.Helper()
	b.Until(fmt.Sprintf("document.querySelector(%q)", selector))
	Eval[bool](b, fmt.Sprintf(`(e => { e.value = %q; for (const n of ["input", "change"]) e.dispatchEvent(new Event(n, { bubbles: true })); return true; })(document.querySelector(%q))`, text, selector))
}

// Keep keeps a picture of the page where ESGEN_TEST_SCREENSHOTS names a directory.
func (b *Tab) Keep(name string) {
	dir := os.Getenv("ESGEN_TEST_SCREENSHOTS")
	if dir == "" {
		return
	}
	var data []byte
	b.Do(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		data, err = page.CaptureScreenshot().Do(ctx)
		return err
	}))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// Accessible has axe-core look at the page: nothing serious may be wrong. Axe is
// installed into the directory for packages of npm that ESGEN_TEST_NPM names; without
// one nothing is looked at.
func (b *Tab) Accessible() {
	b.t.Helper()
	axe, err := axeScript(b.t.Context())
	if err != nil {
		b.t.Logf("accessibility is not looked at: %v", err)
		return
	}
	b.Do(chromedp.Evaluate(string(axe)+"; true", nil))
	var found []string
	b.Do(chromedp.Evaluate(`axe.run().then(r => r.violations.filter(v => ["serious", "critical"].includes(v.impact)).map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " " + n.failureSummary).join(" | ")))`,
		&found, chromedp.EvalAsValue, awaited))
	if len(found) > 0 {
		b.t.Errorf("axe finds:\n%s", strings.Join(found, "\n"))
	}
}

const axeCore = "axe-core@4.14.1"

// axeScript is the script of axe-core.
func axeScript(ctx context.Context) ([]byte, error) {
	dir := os.Getenv("ESGEN_TEST_NPM")
	if dir == "" {
		return nil, errors.New("ESGEN_TEST_NPM names no directory for packages of npm")
	}
	dir, err := filepath.Abs(filepath.Join(dir, "pages"))
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(file); err != nil {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, err
		}
		install := exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", axeCore)
		if out, err := install.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s cannot be installed: %w\n%s", axeCore, err, out)
		}
	}
	return os.ReadFile(file)
}

func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// Offline takes the network away.
func (b *Tab) Offline() {
	b.Do(network.Enable(), network.EmulateNetworkConditions(true, 0, 0, 0))
}
