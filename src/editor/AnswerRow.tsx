import { type PanelData } from '@grafana/data';
import { EditorRow } from '@grafana/plugin-ui';
import { Button, LinkButton, Stack } from '@grafana/ui';
import React, { useMemo } from 'react';

import { type EditedDataSource } from '../labels/LabelAPI';
import { cutOff } from '../query/cutOff';
import { texts } from '../texts';
import { type PyrofrontQuery } from '../types';

import { Hint } from './Hint';

interface AnswerRowProps {
  datasource: EditedDataSource;
  query: PyrofrontQuery;
  data: PanelData | undefined;
  onRun: (changes: Partial<PyrofrontQuery>) => void;
}

/** What can be done with the flame graph that the query shows: look into what was cut off, and take it away. */
export function AnswerRow({ datasource, query, data, onRun }: AnswerRowProps) {
  const flameGraph = data?.series.find(
    (frame) => frame.refId === query.refId && frame.meta?.preferredVisualisationType === 'flamegraph'
  );
  const cut = useMemo(() => (flameGraph ? cutOff(flameGraph) : undefined), [flameGraph]);
  const isDiff = flameGraph?.fields.some(({ name }) => name === 'valueRight');
  if (!data || !flameGraph || flameGraph.length === 0 || isDiff) {
    return null;
  }
  const { preset, most } = datasource.nodeLimits;
  const more = Math.min(8 * (query.maxNodes ?? preset), most);
  const site = cut?.callSite ?? [];
  const focus = query.callSite?.at(-1);
  return (
    <EditorRow>
      <Stack direction="row" gap={1} wrap="wrap" alignItems="center">
        {cut && <Hint text={texts.answer.cut(100 * cut.share)} />}
        {cut && more > (query.maxNodes ?? preset) && (
          <Button size="sm" variant="secondary" icon="search-plus" onClick={() => onRun({ maxNodes: more })}>
            {texts.answer.more(more)}
          </Button>
        )}
        {site.length > 0 && (
          <Button
            size="sm"
            variant="secondary"
            icon="crosshair"
            tooltip={texts.answer.focusHelp}
            onClick={() => onRun({ callSite: site })}
          >
            {texts.answer.focus(site.at(-1)!)}
          </Button>
        )}
        {/* Grafana takes clicks on its own links for changes of the page, unless they have a target. */}
        <LinkButton
          size="sm"
          variant="secondary"
          icon="chart-line"
          href={datasource.functionSeriesUrl(query, data)}
          target="_blank"
          rel="noreferrer"
          tooltip={texts.answer.overTimeHelp}
        >
          {focus === undefined ? texts.answer.overTime : texts.answer.overTimeOf(focus)}
        </LinkButton>
        <LinkButton
          size="sm"
          variant="secondary"
          icon="download-alt"
          href={datasource.pprofUrl(query, data)}
          target="_blank"
          rel="noreferrer"
          download
          tooltip={texts.answer.downloadHelp}
        >
          {texts.answer.download}
        </LinkButton>
      </Stack>
    </EditorRow>
  );
}
