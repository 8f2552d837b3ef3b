package frame

import "github.com/grafana/grafana-plugin-sdk-go/data"

// LinkExemplars makes the ids of a frame of exemplars lead to flame graphs, in Explore:
// profileId to that of the profile, spanId to that of the span, of a profile type and a
// label selector. The UID is that of the data source; with none there are no links.
func LinkExemplars(f *data.Frame, uid, profileType, selector string) {
	if f == nil || uid == "" {
		return
	}
	for _, id := range []struct{ field, option, title string }{
		{"profileId", "profileIdSelector", "Flame graph of this profile"},
		{"spanId", "spanSelector", "Flame graph of this span"},
	} {
		field, _ := f.FieldByName(id.field)
		if field == nil {
			continue
		}
		if field.Config == nil {
			field.Config = &data.FieldConfig{}
		}
		field.Config.Links = append(field.Config.Links, data.DataLink{
			Title: id.title,
			Internal: &data.InternalDataLink{
				DatasourceUID: uid,
				Query: map[string]any{
					"refId": "A", "queryType": "profile", "profileTypeId": profileType, "labelSelector": selector,
					"groupBy": []string{}, id.option: []string{"${__value.raw}"},
				},
			},
		})
	}
}
