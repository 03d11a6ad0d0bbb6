package manifests

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"testing"

	keda "github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"google.golang.org/protobuf/encoding/protojson"
	istio "istio.io/api/networking/v1"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	documents "k8s.io/apimachinery/pkg/util/yaml"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	kustomize "sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// overlays are the environments of a system.
var overlays = []string{"dev", "prod"}

// destinationRule is Istio's, whose own decoder takes any key.
type destinationRule struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`
	Spec            strictRule `json:"spec"`
}

type strictRule struct{ istio.DestinationRule }

func (r *strictRule) UnmarshalJSON(data []byte) error {
	return protojson.Unmarshal(data, &r.DestinationRule)
}

// kafkaObject is one of Strimzi's, which publishes schemas instead of Go types.
type kafkaObject struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`
	Spec            map[string]any `json:"spec"`
}

// kinds are the types of all kinds of objects that may be generated.
var kinds = map[string]func() any{
	"v1/ConfigMap":                                  func() any { return &core.ConfigMap{} },
	"v1/Namespace":                                  func() any { return &core.Namespace{} },
	"v1/PersistentVolumeClaim":                      func() any { return &core.PersistentVolumeClaim{} },
	"v1/Service":                                    func() any { return &core.Service{} },
	"v1/ServiceAccount":                             func() any { return &core.ServiceAccount{} },
	"apps/v1/Deployment":                            func() any { return &apps.Deployment{} },
	"autoscaling/v2/HorizontalPodAutoscaler":        func() any { return &autoscaling.HorizontalPodAutoscaler{} },
	"networking.k8s.io/v1/NetworkPolicy":            func() any { return &networking.NetworkPolicy{} },
	"policy/v1/PodDisruptionBudget":                 func() any { return &policy.PodDisruptionBudget{} },
	"gateway.networking.k8s.io/v1/HTTPRoute":        func() any { return &gateway.HTTPRoute{} },
	"keda.sh/v1alpha1/ScaledObject":                 func() any { return &keda.ScaledObject{} },
	"keda.sh/v1alpha1/TriggerAuthentication":        func() any { return &keda.TriggerAuthentication{} },
	"monitoring.coreos.com/v1/PodMonitor":           func() any { return &monitoring.PodMonitor{} },
	"monitoring.coreos.com/v1/PrometheusRule":       func() any { return &monitoring.PrometheusRule{} },
	"networking.istio.io/v1/DestinationRule":        func() any { return &destinationRule{} },
	"kafka.strimzi.io/v1beta2/KafkaTopic":           func() any { return &kafkaObject{} },
	"kafka.strimzi.io/v1beta2/KafkaUser":            func() any { return &kafkaObject{} },
	"kustomize.config.k8s.io/v1beta1/Kustomization": func() any { return &kustomize.Kustomization{} },
	"kustomize.config.k8s.io/v1alpha1/Component":    func() any { return &kustomize.Kustomization{} },
}

// object is one of Kubernetes, in its type.
type object struct {
	kind, name string
	typed      any
	yaml       []byte
}

// decode reads the objects of a file strictly.
func decode(t *testing.T, where string, data []byte) []object {
	t.Helper()
	var all []object
	reader := documents.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		one, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		o, err := decodeOne(one)
		if err != nil {
			t.Errorf("%s: %v\n%s", where, err, one)
			continue
		}
		all = append(all, o)
	}
}

// decodeOne reads an object strictly: a key that its kind does not have, or has
// twice, is an error.
func decodeOne(data []byte) (object, error) {
	var head struct {
		meta.TypeMeta   `json:",inline"`
		meta.ObjectMeta `json:"metadata"`
	}
	if err := yaml.Unmarshal(data, &head); err != nil {
		return object{}, err
	}
	typed := kinds[head.APIVersion+"/"+head.Kind]
	if typed == nil {
		return object{}, fmt.Errorf("%s %s is a kind nobody knows", head.APIVersion, head.Kind)
	}
	o := object{head.Kind, head.Name, typed(), data}
	if err := yaml.UnmarshalStrict(data, o.typed); err != nil {
		return o, fmt.Errorf("%s %s: %w", o.kind, o.name, err)
	}
	return o, nil
}

// TestTyposAreFound: a key that does not exist is refused in every kind.
func TestTyposAreFound(t *testing.T) {
	for kind := range kinds {
		version, name := path.Dir(kind), path.Base(kind)
		whole := fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: x, lables: {}}\n", version, name)
		if name == "Kustomization" || name == "Component" {
			whole = fmt.Sprintf("apiVersion: %s\nkind: %s\nresource: []\n", version, name)
		}
		if _, err := decodeOne([]byte(whole)); err == nil {
			t.Errorf("%s: a typo in metadata is taken", kind)
		}
		if strings.HasPrefix(kind, "kafka.strimzi.io") || !strings.Contains(kind, ".") && name != "Service" && name != "Deployment" {
			continue // judged by its schema, or without a spec
		}
		if _, err := decodeOne([]byte(fmt.Sprintf("apiVersion: %s\nkind: %s\nspec: {nosuchkey: 1}\n", version, name))); err == nil {
			t.Errorf("%s: a typo in spec is taken", kind)
		}
	}
}

// TestObjects reads every manifest as the one who will read it does.
func TestObjects(t *testing.T) {
	eachSystem(t, func(t *testing.T, s system) {
		for _, path := range s.files(t, "deploy/kustomize", "*.yaml") {
			if len(decode(t, path, s.file(t, path))) == 0 {
				t.Errorf("%s has no object", path)
			}
		}
	})
}

// build is what kustomize makes of an overlay.
func build(t *testing.T, s system, overlay string) []object {
	t.Helper()
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).
		Run(filesys.MakeFsOnDisk(), filepath.Join(s.dir, "deploy/kustomize/overlays", overlay))
	if err != nil {
		t.Fatalf("%s: %v", overlay, err)
	}
	data, err := made.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, overlay, data)
}

// of are the objects of a type, by their names.
func of[T any](objects []object) map[string]*T {
	found := map[string]*T{}
	for _, o := range objects {
		if typed, is := o.typed.(*T); is {
			found[o.name] = typed
		}
	}
	return found
}
