// Package queryplan plans queries: what to ask the metastore, which datasets of
// which blocks to read, and how to share them among query-backends. It is pure:
// it sends nothing, and the same input always makes the same plan.
//
// # Discovery
//
// Discovery turns a query's matchers into metadata requests. Block metadata
// carries the labels service_name and __profile_type__ of each dataset; matchers
// on other labels (pod, region) say nothing about it and never prune. A metadata
// request is matched against each label set of a dataset by itself, and a
// positive matcher (= or =~) drops the sets that lack the label. Two things would
// be lost that way: datasets that are not labelled, and __unsymbolized__, which
// stands in a label set of its own beside service_name, and by which query-backends
// know that they have to symbolize. Negative matchers let sets pass that lack the
// label. Hence:
//
//   - With a service by name (service_name="a"), its datasets are asked for in
//     one request, as Pyroscope's query-frontend does: a dataset is named after its
//     service, and the metastore passes over all shards that do not know the name.
//     The types are asked back and checked here. This is exact: a dataset is left
//     out only if it has types, and none of them matches.
//   - With services by expression (=~"a|b"), all matchers on the service are pushed
//     down, and what has no service_name is asked for in a second request, at the
//     same time: Pyroscope's query-frontend, which reads indexes then, would find it.
//   - Without a service, the whole store is asked for, datasets and indexes, with
//     the types pushed down, since all types of all services would be most of the
//     answer; what has no type is asked for in a second request, at the same time.
//     A dataset of which only __unsymbolized__ comes back may or may not hold the
//     type: it is kept where its block holds the type at all, or left to the index.
//   - Without a service or type, label names, values and series ask for indexes
//     only: no dataset would be read.
//
// A dataset with no label set at all is on no answer of the metastore, whatever
// is asked; nothing can be done about it here. What MetadataLabels answers comes
// from labels alone, and so does not know of datasets that lack them.
//
// # Reading metadata
//
// Build reads the metastore's answers as they came over the wire, field by field, into
// the rows of an inventory (metadata, wire). A block that has a field that is not known
// here is sent to query-backends as it came, but for the datasets that are not read
// (encode): a younger Pyroscope loses nothing.
//
// # Rules
//
// Build makes one of blocks that are listed twice (listings), and applies rules to each
// block. A rule is a value behind one interface, in a file of its own, with an example;
// rulesOf lists them in their order: skipRule, duplicateRule, tenantRule, rangeRule, labelRule,
// unsymbolizedRule, accessRule. What is left is cut into reads (blockreads), packed into
// leaves of even cost (leaves) and put under merges (merges, fanin). Explain says which
// rule dropped how many datasets.
//
// A block that is compacted while a query runs is not read twice. The metastore
// replaces sources by their result in one step of its log, and an answer is a
// snapshot, so no answer lists both. Two answers may be of different moments, but
// they are asked for datasets of which none satisfies both. Metadata does not
// tell a block's sources, and age, shard and level do not prove descent (a
// segment that arrived late looks the same), so no block is ever dropped on a
// guess; one that is listed twice is read once.
//
// # Costs
//
// Bytes are what a query-backend fetches from object storage, by the rules that
// recorded executions follow to the byte: see datasetBytes. The sections that
// count are the union over the queries of one request (sectionsRead).
//
// # Sharing
//
// Queries share metadata if they share tenants and matchers: one Discovery for the
// range that covers them all and all their queries, then one Build each, which
// cuts the answer to its own range. They share a plan and its one pass over the
// data only if their ranges are equal. A series starts a step early (start - step),
// so that its first point is full; a tree over that range would count what is
// before its start, so the two are exact only in two requests.
package queryplan
