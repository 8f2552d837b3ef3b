package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// readJSONData reads the settings that are no secrets. A setting of a wrong type,
// as a provisioning file may have it, is named with what it has to be.
func readJSONData(raw []byte, model *jsonModel) error {
	err := json.Unmarshal(raw, model)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong) && wrong.Field != "":
		return fmt.Errorf("the data source's jsonData cannot be read: %s must be %s; it is %s", wrong.Field, kindInWords(wrong.Type), jsonInWords(wrong.Value))
	case errors.As(err, &wrong):
		return fmt.Errorf("the data source's jsonData cannot be read: it must be an object of settings; it is %s", jsonInWords(wrong.Value))
	default:
		return fmt.Errorf("the data source's jsonData cannot be read: %w", err)
	}
}

func kindInWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "a list of texts"
	default:
		return "a whole number"
	}
}

// jsonInWords reads what encoding/json calls a value: "string", "number 1.5", …
func jsonInWords(value string) string {
	switch value {
	case "string":
		return "text"
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "bool":
		return "true or false"
	default:
		return value
	}
}
