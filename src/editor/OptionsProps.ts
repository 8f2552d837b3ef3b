import { type CoreApp } from '@grafana/data';

import { type LabelSource } from '../selector/completions';
import { type PyrofrontQuery } from '../types';

/** What the fields of a query's options get. */
export interface OptionsProps {
  id: string;
  query: PyrofrontQuery;
  /** The part of Grafana that the query is edited in. */
  app: CoreApp | undefined;
  source: LabelSource;
  /** Names of functions, for those that are typed. */
  functionNames: () => Promise<string[]>;
  /** For what is typed. */
  onChange: (changes: Partial<PyrofrontQuery>) => void;
  /** For what is chosen: the query runs at once. */
  onRun: (changes: Partial<PyrofrontQuery>) => void;
}
