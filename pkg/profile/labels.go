package profile

// Label names with a meaning of their own in Pyroscope.
const (
	// LabelServiceName names the service that a profile is of. Every series
	// and every dataset of a service has it.
	LabelServiceName = "service_name"
	// LabelProfileType holds a profile type id, such as
	// "process_cpu:cpu:nanoseconds:cpu:nanoseconds".
	LabelProfileType = "__profile_type__"
	// LabelProfileName holds the first part of a profile type id.
	LabelProfileName = "__name__"
	// LabelType holds a profile type's sample type.
	LabelType = "__type__"
	// LabelUnit holds a profile type's sample unit.
	LabelUnit = "__unit__"
	// LabelPeriodType holds a profile type's period type.
	LabelPeriodType = "__period_type__"
	// LabelPeriodUnit holds a profile type's period unit.
	LabelPeriodUnit = "__period_unit__"
	// LabelTenantDataset marks, in block metadata only, the dataset that is a
	// tenant-wide index of the block.
	LabelTenantDataset = "__tenant_dataset__"
	// TenantDatasetIndex is the value of LabelTenantDataset on that index.
	TenantDatasetIndex = "dataset_tsdb_index"
	// LabelUnsymbolized is "true", in block metadata only, on a dataset that
	// holds native code without symbols.
	LabelUnsymbolized = "__unsymbolized__"
	// LabelTenantID narrows a selector to tenants. It is ours: no store has it.
	LabelTenantID = "__tenant_id__"
)
