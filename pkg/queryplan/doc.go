// Package queryplan plans queries: what to ask the metastore, which data sets of
// which blocks to read, and how to share them among query-backends. It is pure:
// it sends nothing, and the same input always makes the same plan.
//
// # Discovery
//
// Discovery turns a query's matchers into metadata requests. Block metadata
// carries the labels service_name and __profile_type__ of each data set; matchers
// on other labels (pod, region) say nothing about it and never prune. A metadata
// request is matched against each label set of a data set by itself, and a
// positive matcher (= or =~) drops the sets that lack the label. Two things would
// be lost that way: data sets that are not labelled, and marks that stand in a
// label set of their own beside service_name, such as __unsymbolized__, by which
// query-backends know that they have to symbolize. Negative matchers let sets
// pass that lack the label. Hence:
//
//   - With a service by name (service_name="a"), its data sets are asked for in
//     one request, as the recorded frontend does: a data set is named after its
//     service, and the metastore passes over all shards that do not know the name.
//     The types are asked back and checked here. This is exact: a data set is left
//     out only if it has types, and none of them matches.
//   - With services by expression (=~"a|b"), all matchers on the service are pushed
//     down, and what has no service_name is asked for in a second request, at the
//     same time: the recorded frontend, which reads indexes then, would find it.
//   - Without a service, the whole store is asked for, data sets and indexes, with
//     the types pushed down, since all types of all services would be most of the
//     answer; what has no type is asked for in a second request, at the same time.
//     A data set of which only a mark comes back may or may not hold the type: it
//     is kept where its block holds the type at all, or left to the index.
//   - Without a service or type, label names, values and series ask for indexes
//     only: no data set would be read.
//
// A data set with no label set at all is on no answer of the metastore, whatever
// is asked; nothing can be done about it here. What MetadataLabels answers comes
// from labels alone, and so does not know of data sets that lack them.
//
// # Rules
//
// Build takes an inventory of the answers, makes one of what is listed twice
// (duplicates), and applies rules to each block, each in a file of its own:
// rule_tenant, rule_range, rule_labels, rule_access. What is left is cut into
// units (units), packed into leaves of even cost (leaves) and put under merges
// (merges, fanin). Request writes it down, the blocks of leaves in wire format.
//
// A block that is compacted while a query runs is not read twice. The metastore
// replaces sources by their result in one step of its log, and an answer is a
// snapshot, so no answer lists both. Two answers may be of different moments, but
// they are asked for data sets of which none satisfies both. Metadata does not
// tell a block's sources, and age, shard and level do not prove descent (a
// segment that arrived late looks the same), so no block is ever dropped on a
// guess; one that is listed twice is read once.
//
// # Costs
//
// Bytes are what a query-backend fetches from object storage, by the rules that
// recorded executions follow to the byte: see dataSetBytes. The sections that
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
