package manifests

import (
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"sigs.k8s.io/yaml"
)

// judge says what is wrong with an object of a kind that is defined by a schema
// only, in the way of a Kubernetes API server.
type judge struct {
	schema *structural.Structural
	valid  validation.SchemaValidator
}

func newJudge(t *testing.T, crd, version string) judge {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/crds", crd))
	if err != nil {
		t.Fatal(err)
	}
	var definition v1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(data, &definition); err != nil {
		t.Fatal(err)
	}
	for _, v := range definition.Spec.Versions {
		if v.Name != version {
			continue
		}
		var props apiextensions.JSONSchemaProps
		if err := v1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, &props, nil); err != nil {
			t.Fatal(err)
		}
		schema, err := structural.NewStructural(&props)
		if err != nil {
			t.Fatal(err)
		}
		valid, _, err := validation.NewSchemaValidator(&props)
		if err != nil {
			t.Fatal(err)
		}
		return judge{schema, valid}
	}
	t.Fatalf("%s has no version %s", crd, version)
	return judge{}
}

func (j judge) faults(t *testing.T, object []byte) []string {
	t.Helper()
	var content map[string]any
	if err := yaml.Unmarshal(object, &content); err != nil {
		t.Fatal(err)
	}
	var faults []string
	for _, e := range validation.ValidateCustomResource(nil, content, j.valid) {
		faults = append(faults, e.Error())
	}
	unknown := pruning.PruneWithOptions(content, j.schema, true, structural.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		faults = append(faults, "nobody knows "+path)
	}
	return faults
}

// TestStrimzi holds topics and users against Strimzi's schemas.
func TestStrimzi(t *testing.T) {
	judges := map[string]judge{
		"KafkaTopic": newJudge(t, "kafkatopic.yaml", "v1beta2"),
		"KafkaUser":  newJudge(t, "kafkauser.yaml", "v1beta2"),
	}
	for kind, spec := range map[string]string{
		"KafkaTopic": "{partition: 4}", "KafkaUser": "{authorization: {type: simple, acls: [{resource: {type: topic, name: x}, operations: [Reed]}]}}",
	} {
		if len(judges[kind].faults(t, []byte("kind: "+kind+"\nspec: "+spec))) == 0 {
			t.Errorf("%s: %s is taken", kind, spec)
		}
	}
	eachSystem(t, func(t *testing.T, s system) {
		seen := map[string]int{}
		for _, o := range build(t, s, "prod") {
			if j, is := judges[o.kind]; is {
				seen[o.kind]++
				for _, fault := range j.faults(t, o.yaml) {
					t.Errorf("%s %s: %s", o.kind, o.name, fault)
				}
			}
		}
		if seen["KafkaTopic"] == 0 || seen["KafkaUser"] == 0 {
			t.Errorf("there are %v", seen)
		}
	})
}
