import { symbolTexts } from './config/symbolTexts';
import { fill, translated } from './i18n/translated';

/**
 * Everything that people read, in English and in one place; `src/locales` has it in other languages, under the same keys.
 * Words that belong to the query language or to Grafana's settings stay as they are.
 */
export const english = {
  loading: 'Loading…',
  profileTypes: {
    groups: {
      cpu: 'CPU',
      wall: 'Wall clock',
      memory: 'Memory',
      blocking: 'Locks and waiting',
      threads: 'Goroutines and threads',
      gpu: 'GPU',
      errors: 'Exceptions',
      other: 'Other',
    },
    withId: (name: string, id: string) => fill('{{name}} ({{id}})', { name, id }),
  },
  selector: {
    operators: {
      '=': 'is',
      '!=': 'is not',
      '=~': 'matches',
      '!~': 'does not match',
    },
    labelName: 'label',
    labelValue: 'value',
    noOpeningBrace: 'A selector begins with a brace: {service_name="checkout"}.',
    profileType: 'A profile type is chosen in its own field: begin the selector with its brace.',
    noClosingBrace: 'The closing brace } is missing.',
    afterClosingBrace: 'Nothing can follow the closing brace.',
    noComma: 'A comma is missing between two matchers.',
    noName: (found: string) => fill('A label name belongs here, not {{found}}', { found }),
    noOperator: (name: string) => fill('After {{name}} comes one of =, !=, =~, !~.', { name }),
    noValue: (name: string) => fill('The value of {{name}} is missing; it stands in double quotes.', { name }),
    openString: 'The closing quote is missing.',
    quoteName: 'A label name with dots or other marks stands in quotes: {"my.label"="x"}.',
    badRegex: (problem: string) => fill('Not a regular expression: {{problem}}', { problem }),
    lookaround: 'look-ahead and look-behind are not supported',
  },
  editor: {
    profileType: 'Profile type',
    chooseType: 'Choose a profile type',
    noTypes: 'No profiles in this range',
    noSuchType: (service: string) => fill('{{service}} has no profiles of this type in this range.', { service }),
    noSuchTypeSelected: 'The selection has no profiles of this type in this range.',
    customValue: 'As typed',
    typesFailed: (error: string) => fill('The profile types cannot be loaded: {{error}}', { error }),
    labelsFailed: (error: string) => fill('Cannot be loaded: {{error}}', { error }),
    variables: 'Template variables',
    units: { nanoseconds: 'ns', bytes: 'bytes', count: 'count' } as Record<string, string>,
    withUnit: (name: string, unit: string) => fill('{{name}} ({{unit}})', { name, unit }),
    service: 'Service',
    allServices: 'All services',
    byFilter: 'By label filter',
    queryType: 'Query type',
    labels: 'Labels',
    mode: 'Label editor',
    builder: 'Builder',
    code: 'Code',
    everything: 'All profiles',
    filter: (number: number) => fill('Label filter {{number}}', { number }),
    addFilter: 'Filter',
    addFilterLabel: 'Add a label filter',
    removeFilter: (name: string) => fill('Remove the filter {{name}}', { name }),
    label: 'Label',
    comparison: 'Comparison',
    value: 'Value',
    values: 'Values or expressions',
  },
  progress: {
    label: 'Reading profiles',
    sofar: (percent: number, size: string) => fill('{{percent}} % of {{size}}, newest first', { percent, size }),
    left: (sofar: string, duration: string) => fill('{{sofar}}, about {{duration}} left', { sofar, duration }),
    seconds: (seconds: number) => fill('{{seconds, number}} s', { seconds }),
    minutes: (minutes: number) => fill('{{minutes, number}} min', { minutes }),
  },
  answer: {
    cut: (percent: number) =>
      fill(
        '{{percent, number(minimumFractionDigits: 1; maximumFractionDigits: 1)}} % of the total is in “other”: the flame graph is cut to a number of nodes.',
        { percent }
      ),
    more: (nodes: number) => fill('Up to {{nodes, number}} nodes', { nodes }),
    focus: (name: string) => fill('Focus on {{name}}', { name }),
    focusHelp: 'Shows only the stacks through the function below which most was cut off, with as many nodes for them.',
    overTime: 'Functions over time',
    overTimeOf: (name: string) => fill('{{name}} over time', { name }),
    overTimeHelp:
      'Opens Explore: what the function in focus took over time, or else the functions in which most was spent.',
    download: 'Download pprof',
    downloadHelp: 'All that is selected, with files and lines. It opens in go tool pprof and speedscope.',
  },
  annotation: {
    shows: 'Shows when the cluster sampled or throttled the profiles that are selected here.',
    none: 'There are none in this range: the cluster neither sampled nor throttled these profiles.',
    failed: (error: string) => fill('They cannot be loaded: {{error}}', { error }),
  },
  variable: {
    type: 'List',
    types: {
      profileType: { label: 'Profile types', description: 'Those in the range' },
      label: { label: 'Label names', description: 'Of the selected profiles' },
      labelValue: { label: 'Label values', description: 'Of one label' },
    },
    label: 'Label',
    anyType: 'Any profile type',
    selector: 'Selector',
  },
  help: {
    title: 'Profiles by example',
    intro: 'Click an example to run it. It keeps the profile type of your query where it can.',
    more: 'Shift+Enter runs a query from any of its fields. Template variables work in every field; one with several values becomes a regular expression.',
    examples: {
      cpu: {
        title: 'Where does the CPU time go?',
        text: 'A flame graph over all services. Choose a service to see only its own.',
      },
      series: {
        title: 'Which service uses the most?',
        text: 'One series for each service, the ten largest. The same query makes an alert rule.',
      },
      regex: {
        title: 'Several services, without one of them',
        text: 'Comparisons: = is, != is not, =~ and !~ take regular expressions that match the whole value.',
      },
      top: {
        title: 'What does garbage collection cost?',
        text: 'A table of the functions whose names match, with their own and total share.',
      },
      functionSeries: {
        title: 'Since when does it cost that much?',
        text: 'The share of functions over time. The same query makes an alert rule.',
      },
      diff: {
        title: 'What changed since yesterday?',
        text: 'A flame graph that compares with the same range one day before.',
      },
      allocations: {
        title: 'Who allocates memory?',
        text: 'The bytes that were allocated in the range, whether or not they are still in use.',
      },
      heatmap: {
        title: 'Are there outliers?',
        text: 'How the totals of single profiles spread; exemplars lead to the profiles.',
      },
      plan: {
        title: 'Why is this query slow?',
        text: 'How the query is executed, with blocks and bytes.',
      },
    },
  },
  query: {
    noProfileType: 'No profile type',
    badPanel: (queryType: string, panel: string, panels: string[]) =>
      fill('{{queryType}}: the panel “{{panel}}” cannot draw this. Use {{panels, list(type: disjunction)}}.', {
        queryType,
        panel,
        panels,
      }),
    panels: {
      timeseries: 'Time series',
      table: 'Table',
      stat: 'Stat',
      gauge: 'Gauge',
      bargauge: 'Bar gauge',
      barchart: 'Bar chart',
      piechart: 'Pie chart',
      histogram: 'Histogram',
      trend: 'Trend',
      xychart: 'XY chart',
      'state-timeline': 'State timeline',
      'status-history': 'Status history',
      flamegraph: 'Flame graph',
      heatmap: 'Heatmap',
      nodeGraph: 'Node graph',
    } as Record<string, string>,
    badFilter: (filter: string) =>
      fill('Labels cannot be filtered by “{{filter}}”: use =, !=, =~, !~, or one of.', { filter }),
    types: {
      profile: { label: 'Flame graph', description: 'Where time or memory went' },
      metrics: { label: 'Metrics', description: 'The total over time, by label' },
      both: { label: 'Both', description: 'Flame graph and metrics' },
      topFunctions: { label: 'Top functions', description: 'The functions that cost the most' },
      functionSeries: { label: 'Functions over time', description: 'What functions took, step by step' },
      diff: { label: 'Diff', description: 'A flame graph against a baseline' },
      heatmap: { label: 'Heat map', description: 'Totals of profiles over time' },
      plan: { label: 'Query plan', description: 'How the query is executed' },
    },
  },
  options: {
    title: 'Options',
    none: 'Defaults',
    summary: (label: string, value: string) => fill('{{label}}: {{value}}', { label, value }),
    on: 'on',
    earlier: (shift: string) => fill('{{shift}} earlier', { shift }),
    groupBy: {
      label: 'Group by',
      help: 'One series for each combination of these labels’ values. Without labels there is one series: the sum of all that is selected, or the average of its profiles.',
      placeholder: 'Labels',
    },
    limit: {
      label: 'Limit',
      help: 'The most series or rows to return, those with the largest totals first.',
      placeholder: 'No limit',
    },
    aggregation: {
      label: 'Aggregation',
      help: 'How the profiles of a step make one point. Sum: for what happens, such as CPU time; all instances together. Average: for what there is, such as memory in use or goroutines; what one profile shows, the same at any zoom. Group by an instance’s label, such as pod, to see each.',
    },
    legendFormat: {
      label: 'Legend',
      help: 'The names of the series: {{pod}} stands for the value of a label. Empty: names that tell the series apart.',
      placeholder: '{{pod}}',
    },
    exemplars: {
      label: 'Exemplars',
      help: 'Marks single profiles, or spans of traces, in the graph. An average has none.',
    },
    annotations: {
      label: 'Annotations',
      help: 'Shows where the cluster sampled or throttled profiles.',
    },
    maxNodes: {
      label: 'Max nodes',
      help: 'The most nodes of the flame graph; smaller ones are summed up as “other”.',
      placeholder: 'Default of the data source',
      placeholderOfTop: 'Most the data source allows',
    },
    spanSelector: {
      label: 'Span ids',
      help: 'Only samples that were taken within these spans.',
      placeholder: '64f170a95f537095',
    },
    traceIdSelector: {
      label: 'Trace ids',
      help: 'Only samples that were taken within these traces.',
      placeholder: '4bf92f3577b34da6a3ce929d0e0e4736',
    },
    profileIdSelector: {
      label: 'Profile ids',
      help: 'Only these profiles.',
      placeholder: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    },
    callSite: {
      label: 'Call site',
      help: 'Only stacks that begin with these functions, root first.',
      placeholder: 'main.main',
    },
    functions: {
      label: 'Functions',
      help: 'A regular expression; only functions whose names match are listed.',
      placeholder: 'runtime\\..*',
      add: 'Add a function',
      addHelp:
        'Adds a name to the expression. Offered are the functions that the flame graph or table shows, or else the largest of the newest hour of the range.',
      addPlaceholder: 'Name of a function',
      ruleHint:
        'A rule has an instance for each function. Say which to watch in Functions; without, it watches the 10 with the largest total share. It compares the share of the total, and has 100 instances at most.',
      seriesRuleHint: (limit: number, measure: string) =>
        fill(
          'A rule has an instance for each function. Say which to watch in Functions; without, it watches the {{limit}} that are the largest by {{measure}}, which may be others each time.',
          { limit, measure }
        ),
      seriesHint: (limit: number) =>
        fill('Without Functions, the {{limit}} are shown in which most was spent (self).', { limit }),
      rootsHint:
        'Without Functions, the largest by total are the roots of stacks, such as main. Name functions, or choose the measure Self.',
    },
    measure: {
      label: 'Measure',
      help: 'Total: with all that the function called. Self: in the function itself. Without Functions, choose Self: the largest by total are the roots of stacks.',
    },
    show: {
      label: 'Show',
      help: 'Share: of all that was recorded in a step. Rate: as metrics show the type, such as cores. Value: the sum of a step.',
    },
    diff: {
      label: 'Baseline',
      missing: 'not set',
      hint: 'Say what to compare with: an earlier time, other labels, or a fixed range.',
      selector: 'Baseline selector',
      selectorHelp: 'What to compare with. Empty: the same selector.',
      selectorPlaceholder: 'Same labels',
      timeShift: 'Baseline time shift',
      timeShiftHelp: 'How far back the baseline lies. Any duration can be typed: 90m, 3d.',
      timeShiftPlaceholder: 'Same time',
      timeShifts: { '1h': '1 hour earlier', '1d': '1 day earlier', '1w': '1 week earlier' },
      from: 'Baseline from',
      to: 'Baseline to',
      rangeHelp: 'A fixed range instead of a shift: now-1d, RFC 3339, or milliseconds since the epoch.',
      rangePlaceholder: { from: 'now-1d', to: 'now-23h' },
    },
    exemplarKinds: { none: 'None', individual: 'Profiles', span: 'Spans' },
    aggregations: { sum: 'Sum', average: 'Average' },
    measures: { total: 'Total', self: 'Self' },
    shows: { share: 'Share', rate: 'Rate', value: 'Value' },
    badId: {
      spanSelector: (id: string) => fill('“{{id}}” is no span id: 16 hexadecimal digits.', { id }),
      traceIdSelector: (id: string) => fill('“{{id}}” is no trace id: 32 hexadecimal digits.', { id }),
      profileIdSelector: (id: string) => fill('“{{id}}” is no profile id: a UUID.', { id }),
    },
    spansAndTraces: 'Set span ids or trace ids, not both.',
    badCount: 'A whole number above 0, or empty.',
    badCountOrZero: 'A whole number, or empty.',
    badTimeShift: (text: string) => fill('“{{text}}” is no duration such as 1h or 1d.', { text }),
    shiftAndRange: 'Set a time shift or a fixed range, not both.',
    halfRange: 'A fixed range needs both ends.',
    badTime: (text: string) => fill('“{{text}}” is no time such as now-1d or 2026-01-31T12:00:00Z.', { text }),
    listHint: 'Several: separate with commas.',
    linesHint: 'One function a line.',
  },
  config: {
    intro: 'Before you can use Pyrofront, configure it here or in a provisioning file.',
    docs: 'Documentation',
    required: 'Fields marked with * are required.',
    connection: 'Connection',
    connectionHelp: 'The two gRPC services of a Pyroscope v2 cluster that take part in queries.',
    metastoreAddress: {
      label: 'Metastore address',
      help: 'dns:///host:port for a name that stands for all nodes, or host:port, or several of them with commas.',
      placeholder: 'dns:///pyroscope-metastore-headless:9095',
    },
    queryBackendAddress: {
      label: 'Query-backend address',
      help: 'Of the same forms. Queries are spread over all addresses behind it.',
      placeholder: 'dns:///pyroscope-query-backend-headless:9095',
    },
    addressIsURL: 'gRPC addresses have no http://. Write host:port or dns:///host:port; TLS is a switch below.',
    addressHasUser: 'An address holds no user or password (@); authentication is a section below.',
    unknownScheme: (scheme: string) =>
      fill('“{{scheme}}:” is not known. Write host:port or dns:///host:port.', { scheme }),
    noPath: 'After unix: comes the path of a socket.',
    noHostAndPort: (part: string) => fill('“{{part}}” is not of the form host:port.', { part }),
    emptyAddress: 'An address is empty.',
    badPort: (port: string) => fill('{{port}} is no port: 1 to 65535.', { port }),
    tenants: 'Tenants',
    tenantsHelp:
      'Whose profiles are read; several are read together. A cluster without tenants calls its one “anonymous”.',
    tenantsPlaceholder: 'anonymous (press Enter to add)',
    addTenant: 'Add',
    removeTenant: (name: string) => fill('Remove the tenant {{name}}', { name }),
    badTenant: (name: string) =>
      fill("“{{name}}” is not a tenant: allowed are 1 to 150 letters, digits and !-_.*'(), but neither “.” nor “..”.", {
        name,
      }),
    tls: 'Use TLS',
    tlsHelp: 'Encrypts the connections to both services. Certificates are set below, with the authentication.',
    bearer: 'Bearer token',
    bearerHelp: 'Sends a token with every request',
    bearerToken: 'Token',
    limits: 'Limits',
    limitsHelp: 'Empty fields have the default that they show.',
    timeout: { label: 'Timeout', help: 'The longest that one query may take.', placeholder: '60s' },
    maxConcurrentQueries: {
      label: 'Queries at once',
      help: 'More wait for their turn.',
      placeholder: '20',
      unit: 'queries',
    },
    maxQueryLength: {
      label: 'Longest range',
      help: 'A panel over a longer range shows its newest part; an alert rule is refused. 0: no limit.',
      placeholder: '1d',
    },
    maxQueryLookback: {
      label: 'Look-back',
      help: 'How far back queries can see; what is older is cut off. 0: no limit.',
      placeholder: '7d',
    },
    minStep: {
      label: 'Smallest step',
      help: 'Between two points of a metric: no less than the interval in which profiles are taken.',
      placeholder: '15s',
    },
    maxMessageBytes: {
      label: 'Largest message',
      help: 'That is taken from or sent to the cluster. An answer that is larger is an error that says so.',
      placeholder: '268435456',
      unit: 'bytes',
    },
    maxNodesDefault: {
      label: 'Default flame graph size',
      help: 'For queries that do not say.',
      placeholder: '8192',
      unit: 'nodes',
    },
    maxNodesMax: {
      label: 'Largest flame graph size',
      help: 'A query for more is refused.',
      placeholder: '1048576',
      unit: 'nodes',
    },
    maxMemoryBytes: {
      label: 'Memory of queries',
      help: 'What all queries under way may take together. Others wait, or are refused. Automatic: three quarters of what the plugin has for queries.',
      placeholder: 'automatic',
      unit: 'bytes',
    },
    cacheMaxBytes: {
      label: 'Kept answers',
      help: 'A refresh reads only the blocks that are new to it: answers over the others are kept, in this much memory at most. 0: none are kept.',
      placeholder: '134217728',
      unit: 'bytes',
    },
    partialAnswers: {
      label: 'Partial answers',
      help: 'Where single blocks cannot be read, panels show the rest, with a warning that says what is missing. Alert rules and the Query API get an error always.',
    },
    badDuration: (text: string) => fill('“{{text}}” is no duration such as 30s, 12h or 7d.', { text }),
    badDurationOrZero: (text: string) => fill('“{{text}}” is no duration such as 30s, 12h or 7d, or 0.', { text }),
    traces: 'Traces',
    tracesHelp: 'With a data source of traces, exemplars link to the trace they were taken in.',
    tracesDataSource: 'Traces data source',
  },
  symbols: symbolTexts,
};

/** The same in the language of the user. Read them where they are shown, not while a file is loaded. */
export const texts = translated(english);
