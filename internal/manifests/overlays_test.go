package manifests

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
)

// TestOverlays: both environments are built, and what their objects say of one
// another is so.
func TestOverlays(t *testing.T) {
	eachSystem(t, func(t *testing.T, s system) {
		for _, overlay := range overlays {
			objects := build(t, s, overlay)
			settings := of[core.ConfigMap](objects)
			services, deployments := of[core.Service](objects), of[apps.Deployment](objects)
			claims := of[core.PersistentVolumeClaim](objects)
			for name, d := range deployments {
				pod := d.Spec.Template.Spec
				for _, c := range pod.Containers {
					for _, from := range c.EnvFrom {
						if settings[from.ConfigMapRef.Name] == nil {
							t.Errorf("%s: %s: there is no ConfigMap %s", overlay, name, from.ConfigMapRef.Name)
						}
					}
					if strings.HasSuffix(c.Image, ":latest") || !strings.Contains(c.Image[strings.LastIndex(c.Image, "/")+1:], ":") {
						t.Errorf("%s: %s runs whatever %s is today", overlay, name, c.Image)
					}
					for _, e := range c.Env {
						if e.Value != "" && (strings.Contains(e.Name, "PASSWORD") || strings.Contains(e.Name, "DATABASE_URL")) {
							t.Errorf("%s: %s: the value of %s is there to read", overlay, name, e.Name)
						}
					}
				}
				for _, v := range pod.Volumes {
					if v.PersistentVolumeClaim != nil && claims[v.PersistentVolumeClaim.ClaimName] == nil {
						t.Errorf("%s: %s: there is no claim %s", overlay, name, v.PersistentVolumeClaim.ClaimName)
					}
					if v.ConfigMap != nil && settings[v.ConfigMap.Name] == nil {
						t.Errorf("%s: %s: there is no ConfigMap %s", overlay, name, v.ConfigMap.Name)
					}
				}
				if pod.ServiceAccountName != "" && of[core.ServiceAccount](objects)[pod.ServiceAccountName] == nil {
					t.Errorf("%s: %s: there is no ServiceAccount %s", overlay, name, pod.ServiceAccountName)
				}
				if services[name] == nil || !matches(services[name].Spec.Selector, d.Spec.Template.Labels) {
					t.Errorf("%s: no Service leads to %s", overlay, name)
				}
			}
			for name, x := range of[policy.PodDisruptionBudget](objects) {
				if d := deployments[name]; d == nil || !matches(x.Spec.Selector.MatchLabels, d.Spec.Template.Labels) {
					t.Errorf("%s: the budget %s is of nothing", overlay, name)
				}
			}
			for name, x := range of[autoscaling.HorizontalPodAutoscaler](objects) {
				d := deployments[x.Spec.ScaleTargetRef.Name]
				if d == nil || d.Spec.Replicas != nil || *x.Spec.MinReplicas > x.Spec.MaxReplicas {
					t.Errorf("%s: %s scales what has a number of replicas already, or nothing", overlay, name)
				}
			}
			addresses(t, overlay, settings, services)
		}
	})
}

// addresses holds what services are told to ask against the services there are.
func addresses(t *testing.T, overlay string, settings map[string]*core.ConfigMap, services map[string]*core.Service) {
	t.Helper()
	for name, m := range settings {
		for variable, value := range m.Data {
			host, found := strings.CutPrefix(value, "http://")
			if !found || strings.Contains(host, ".") {
				continue
			}
			host, _, _ = strings.Cut(host, "/")
			host, port, _ := strings.Cut(host, ":")
			number, _ := strconv.Atoi(port)
			if s := services[host]; s == nil || !slices.ContainsFunc(s.Spec.Ports, func(p core.ServicePort) bool { return int(p.Port) == number }) {
				t.Errorf("%s: %s in %s: nobody is at %s", overlay, variable, name, value)
			}
		}
	}
}

func matches(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return len(selector) > 0
}

// lastWords is what a service takes beyond its grace to close what is left:
// templates/chassis/service.
const lastWords = 2 * time.Second

// TestStopping: a pod is killed only after its service had the time it asks
// for, and that is how it is told to stop.
func TestStopping(t *testing.T) {
	eachSystem(t, func(t *testing.T, s system) {
		for _, overlay := range overlays {
			objects := build(t, s, overlay)
			settings := of[core.ConfigMap](objects)
			for name, d := range of[apps.Deployment](objects) {
				pod := d.Spec.Template.Spec
				if d.Spec.Template.Labels["app.kubernetes.io/part-of"] == "" {
					continue // not ours
				}
				told := map[string]string{}
				for _, from := range pod.Containers[0].EnvFrom {
					for k, v := range settings[from.ConfigMapRef.Name].Data {
						told[k] = v
					}
				}
				grace, err := time.ParseDuration(told["SHUTDOWN_GRACE"])
				delay, err2 := time.ParseDuration(told["SHUTDOWN_DELAY"])
				killed := time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second
				if err != nil || err2 != nil || grace+lastWords >= killed || delay <= 0 || delay >= grace {
					t.Errorf("%s: %s takes %v to stop, %v of it answering, and is killed after %v", overlay, name, grace, delay, killed)
				}
				probe := pod.Containers[0].ReadinessProbe
				if noticed := time.Duration(probe.PeriodSeconds*probe.FailureThreshold) * time.Second; noticed > delay {
					t.Errorf("%s: %s answers for %v after it is told to stop, which is noticed after %v only", overlay, name, delay, noticed)
				}
				roll := d.Spec.Strategy.RollingUpdate
				if roll == nil || roll.MaxUnavailable.IntValue() != 0 {
					t.Errorf("%s: %s is taken away before its successor is there", overlay, name)
				}
			}
		}
	})
}

// TestHardening: nothing runs as root, writes to its image, or keeps rights.
func TestHardening(t *testing.T) {
	eachSystem(t, func(t *testing.T, s system) {
		for _, overlay := range overlays {
			for name, d := range of[apps.Deployment](build(t, s, overlay)) {
				pod := d.Spec.Template.Spec
				sec := pod.SecurityContext
				if sec == nil || sec.RunAsNonRoot == nil || !*sec.RunAsNonRoot || sec.RunAsUser == nil || *sec.RunAsUser == 0 ||
					sec.SeccompProfile == nil || sec.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
					t.Errorf("%s: the pods of %s: %+v", overlay, name, sec)
				}
				if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
					t.Errorf("%s: %s gets a token of Kubernetes", overlay, name)
				}
				for _, c := range pod.Containers {
					sec := c.SecurityContext
					ours := d.Spec.Template.Labels["app.kubernetes.io/part-of"] != ""
					switch {
					case sec == nil || sec.AllowPrivilegeEscalation == nil || *sec.AllowPrivilegeEscalation || !slices.Contains(sec.Capabilities.Drop, "ALL"):
						t.Errorf("%s: %s keeps rights: %+v", overlay, name, sec)
					case ours && (sec.ReadOnlyRootFilesystem == nil || !*sec.ReadOnlyRootFilesystem):
						t.Errorf("%s: %s may write to its image", overlay, name)
					case c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero():
						t.Errorf("%s: %s takes what it likes", overlay, name)
					case ours && (c.LivenessProbe == nil || c.ReadinessProbe == nil || c.StartupProbe == nil):
						t.Errorf("%s: nobody asks how %s is", overlay, name)
					}
				}
			}
		}
	})
}

// TestSettingsRollPods: another log level is another ConfigMap, and another pod
// template that names it.
func TestSettingsRollPods(t *testing.T) {
	eachSystem(t, func(t *testing.T, s system) {
		levels := map[string]string{} // by service and overlay
		for _, overlay := range overlays {
			for name, d := range of[apps.Deployment](build(t, s, overlay)) {
				if own := d.Spec.Template.Spec.Containers[0].EnvFrom; len(own) == 2 {
					levels[name] += " " + own[1].ConfigMapRef.Name
				}
			}
		}
		for name, maps := range levels {
			if both := strings.Fields(maps); len(both) != 2 || both[0] == both[1] {
				t.Errorf("%s reads %v: debug in dev and info in prod have one name", name, both)
			}
		}
		if len(levels) == 0 {
			t.Error("nobody has a log level")
		}
	})
}
