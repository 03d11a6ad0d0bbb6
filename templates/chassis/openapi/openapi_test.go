package openapi_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/esgen/esgen/templates/chassis/openapi"
)

const list = `# of a file
openapi: 3.1.1
paths:
  /front/orders/{id}:
    $ref: '../../services/front/api/openapi.yaml#/paths/~1orders~1%7Bid%7D'
  /pay/payments: {$ref: '../../services/pay/api/openapi.yaml#/paths/~1payments'}
  /pay/new: {$ref: '../../services/pay/api/openapi.yaml#/paths/~1new'}
  /details:
    get:
      responses:
        "200":
          content:
            application/json:
              schema:
                properties:
                  order: {$ref: '../../services/front/api/openapi.yaml#/components/schemas/Order', title: the order}
                  lost: {$ref: '../../services/pay/api/openapi.yaml#/components/schemas/Lost'}
components:
  schemas: {Own: {type: string}}
  responses: {TooMany: {description: too many}}
x-besides:
  "429": {$ref: '#/components/responses/TooMany'}
  "502": {description: broken}
`

const front = `
paths:
  /orders/{id}:
    get:
      operationId: front.getOrder
      parameters: [{$ref: '#/components/parameters/id'}]
      responses:
        "200": {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        "502": {description: of its own}
components:
  parameters: {id: {name: id, schema: {$ref: '#/components/schemas/Id'}}}
  schemas:
    Id: {type: string, maxLength: 200, examples: ["12.5", 12.50, 9007199254740993, true, null, "true"]}
    Order: {properties: {id: {$ref: '#/components/schemas/Id'}, parts: {items: {$ref: '#/components/schemas/Order'}}}}
    Unused: {type: string}
`

const pay = `
paths:
  /payments: {post: {operationId: pay.pay, responses: {"201": {$ref: '#/components/responses/Made'}}}}
components:
  responses: {Made: {description: made}}
`

func TestCompose(t *testing.T) {
	services, err := openapi.Services([]byte(list))
	if err != nil || !slices.Equal(services, []string{"front", "pay"}) {
		t.Errorf("it refers to %v, %v", services, err)
	}
	whole, err := openapi.Compose([]byte(list), map[string][]byte{"front": []byte(front), "pay": []byte(pay)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := whole.At("/shop").JSON()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"openapi":"3.1.1","paths":{` +
		`"/front/orders/{id}":{"get":{"operationId":"front.getOrder","parameters":[{"$ref":"#/components/parameters/front.id"}],"responses":{` +
		`"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/front.Order"}}}},"502":{"description":"of its own"},"429":{"$ref":"#/components/responses/TooMany"}}}},` +
		`"/pay/payments":{"post":{"operationId":"pay.pay","responses":{"201":{"$ref":"#/components/responses/pay.Made"},"429":{"$ref":"#/components/responses/TooMany"},"502":{"description":"broken"}}}},` +
		`"/details":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{"properties":{` +
		`"order":{"$ref":"#/components/schemas/front.Order","title":"the order"},"lost":{"$ref":"#/components/schemas/pay.Lost"}}}}}},` +
		`"429":{"$ref":"#/components/responses/TooMany"},"502":{"description":"broken"}}}}},` +
		`"components":{"schemas":{"Own":{"type":"string"},` +
		`"front.Id":{"type":"string","maxLength":200,"examples":["12.5",12.50,9007199254740993,true,null,"true"]},` +
		`"front.Order":{"properties":{"id":{"$ref":"#/components/schemas/front.Id"},"parts":{"items":{"$ref":"#/components/schemas/front.Order"}}}},"pay.Lost":{}},` +
		`"responses":{"TooMany":{"description":"too many"},"pay.Made":{"description":"made"}},` +
		`"parameters":{"front.id":{"name":"id","schema":{"$ref":"#/components/schemas/front.Id"}}}},` +
		`"servers":[{"url":"/shop"}]}`
	if diff := cmp.Diff(strings.ReplaceAll(want, ",", ",\n"), strings.ReplaceAll(string(got), ",", ",\n")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	same(t, whole)
}

// same makes sure that both notations say the same.
func same(t *testing.T, d *openapi.Document) {
	t.Helper()
	inJSON, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	inYAML, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	var one, two any
	if err := json.Unmarshal(inJSON, &one); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(inYAML, &two); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(two)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &two); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("-JSON +YAML:\n%s", diff)
	}
	if strings.Contains(string(inYAML), "of a file") {
		t.Error("it says that it is a file")
	}
}

func TestNoDocument(t *testing.T) {
	for name, text := range map[string]string{"no YAML": "a: [", "a list": "[1]", "nothing": ""} {
		if _, err := openapi.Services([]byte(text)); err == nil {
			t.Errorf("%s is taken for a list", name)
		}
		if _, err := openapi.Compose([]byte(list), map[string][]byte{"front": []byte(text)}); err == nil {
			t.Errorf("%s is taken for the document of a service", name)
		}
	}
}
