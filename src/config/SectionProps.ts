import { type PyrofrontOptions } from '../types';

/** What a section changes: some of the settings that are no secrets. */
export type ChangeOptions = (changes: Partial<PyrofrontOptions>) => void;

/** What every section of the settings gets. */
export interface SectionProps {
  jsonData: PyrofrontOptions;
  onChange: ChangeOptions;
  readOnly: boolean;
}
