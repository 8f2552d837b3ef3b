package frame

import "github.com/grafana/grafana-plugin-sdk-go/data"

// LinkExemplars makes the ids of a frame of exemplars lead to flame graphs, in Explore:
// profileId to that of the profile, spanId to that of the span, of a profile type and a
// label selector. The UID is that of the data source; with none there are no links.
func LinkExemplars(f *data.Frame, uid, profileType, selector string) {
	for _, id := range []struct{ field, option, title string }{
		{"profileId", "profileIdSelector", "Flame graph of this profile"},
		{"spanId", "spanSelector", "Flame graph of this span"},
	} {
		linkField(f, id.field, uid, id.title, map[string]any{
			"refId": "A", "queryType": "profile", "profileTypeId": profileType, "labelSelector": selector,
			"groupBy": []string{}, id.option: []string{"${__value.raw}"},
		})
	}
}

// linkField makes the values of a field lead to a query of the data source, in Explore. It
// does nothing where there is no such field, or no data source.
func linkField(f *data.Frame, name, uid, title string, query map[string]any) {
	if f == nil || uid == "" {
		return
	}
	field, _ := f.FieldByName(name)
	if field == nil {
		return
	}
	if field.Config == nil {
		field.Config = &data.FieldConfig{}
	}
	field.Config.Links = append(field.Config.Links, data.DataLink{
		Title:    title,
		Internal: &data.InternalDataLink{DatasourceUID: uid, Query: query},
	})
}
