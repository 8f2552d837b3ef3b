import { type LabelSource } from '../selector/completions';
import { type PyrofrontQuery } from '../types';

/** What the fields of a query's options get. */
export interface OptionsProps {
  id: string;
  query: PyrofrontQuery;
  source: LabelSource;
  /** For what is typed. */
  onChange: (changes: Partial<PyrofrontQuery>) => void;
  /** For what is chosen: the query runs at once. */
  onRun: (changes: Partial<PyrofrontQuery>) => void;
}
