import { css } from '@emotion/css';
import { type GrafanaTheme2, type QueryEditorProps } from '@grafana/data';
import { EditorField, EditorRow, EditorRows } from '@grafana/plugin-ui';
import { Button, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import React, { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';

import { useChanges } from '../components/useChanges';
import { useLatest } from '../components/useLatest';
import { useLoaded } from '../components/useLoaded';
import { useRange } from '../components/useRange';
import { useSettled } from '../components/useSettled';
import { type EditedDataSource } from '../labels/LabelAPI';
import { withProfileType } from '../query/aggregation';
import { isExample, withoutMark } from '../help/mark';
import { functionsHint } from '../query/functionsHint';
import { migrateQuery } from '../query/migrate';
import { type Limits, remembered, withQueryType } from '../query/limits';
import { withMeasure } from '../query/measure';
import { forApp, lacksBaseline, lacksFunctions, withoutConflicts } from '../query/options';
import { panelProblem, typeForPanel } from '../query/panels';
import { selectedService, serviceSelector } from '../selector/edit';
import { parseSelector } from '../selector/parse';
import { texts } from '../texts';
import { type PyrofrontOptions, type PyrofrontQuery, type QueryType } from '../types';

import { AnswerRow } from './AnswerRow';
import { Hint } from './Hint';
import { LabelsEditor } from './LabelsEditor';
import { OptionsRow } from './OptionsRow';
import { ProfileTypePicker } from './ProfileTypePicker';
import { ProgressRow } from './ProgressRow';
import { QueryTypePicker } from './QueryTypePicker';
import { ServicePicker } from './ServicePicker';
import { useEditorMode } from './useEditorMode';
import { useFirstQuery } from './useFirstQuery';
import { useFunctionNames } from './useFunctionNames';
import { useLabelSource } from './useLabelSource';
import { useTyping } from './useTyping';

export interface Props extends QueryEditorProps<EditedDataSource, PyrofrontQuery, PyrofrontOptions> {
  /** What becomes of the profiles is settled: there is nothing to choose but which. */
  selectionOnly?: boolean;
}

/** Edits one query. Choices run it at once; what is typed runs with Enter and on leaving its field. */
export function QueryEditor({ datasource, query: saved, app, selectionOnly, onChange, onRunQuery, ...props }: Props) {
  const id = useId();
  const styles = useStyles2(getStyles);
  const range = useRange(props.range);
  const query = useMemo(() => forApp(migrateQuery(withoutMark(saved)), app), [saved, app]);
  const latest = useLatest({ onChange, onRunQuery });
  useEffect(() => {
    if (query !== saved) {
      latest().onChange(query);
    }
    if (isExample(saved)) {
      latest().onRunQuery();
    }
  }, [query, saved, latest]);

  const scope = useSettled(serviceSelector(query.labelSelector));
  const types = useLoaded(useCallback(() => datasource.getProfileTypes(range, scope), [datasource, range, scope]));
  const source = useLabelSource(datasource, query, range);
  const functionNames = useFunctionNames(datasource, query, range, props.data);
  const [mode, setMode] = useEditorMode();
  const [optionsOpen, setOptionsOpen] = useState(lacksBaseline(query) || lacksFunctions(query, app));

  const measureSuggested = useRef(false);
  const settle = (next: PyrofrontQuery, before: PyrofrontQuery) => {
    const measured = withMeasure({ query: before, suggested: measureSuggested.current }, next);
    measureSuggested.current = measured.suggested;
    return withoutConflicts(measured.query);
  };
  const change = useChanges(query, onChange, settle);
  const { run, onType, handlers } = useTyping(query, onRunQuery);
  const changeAndRun = (changes: Partial<PyrofrontQuery>) => {
    if (change(changes)) {
      run();
    }
  };
  const type = (changes: Partial<PyrofrontQuery>) => {
    if (change(changes)) {
      onType();
    }
  };
  const panel = props.data?.request?.panelPluginId;
  useFirstQuery({ api: datasource, query, types, range, panel, onFirst: changeAndRun });

  const [limits, setLimits] = useState<Limits>({});
  const chooseType = (queryType: QueryType) => {
    const chosen = { ...query, queryType };
    if (lacksBaseline(chosen) || functionsHint(chosen, app)) {
      setOptionsOpen(true);
    }
    const known = remembered(limits, query);
    setLimits(known);
    changeAndRun(withQueryType(query, queryType, known));
  };

  const { errors } = parseSelector(query.labelSelector);
  const wrongPanel = selectionOnly ? undefined : panelProblem(query, panel);
  const drawnType = typeForPanel(panel);
  const modes = (['builder', 'code'] as const).map((value) => ({ value, label: texts.editor[value] }));
  // What cannot be read cannot be shown in parts.
  const shownMode = errors.length > 0 ? 'code' : mode;

  return (
    <div {...handlers}>
      <EditorRows>
        <EditorRow>
          <ProfileTypePicker
            id={`${id}-type`}
            value={query.profileTypeId}
            types={types}
            service={selectedService(scope)}
            onChange={(profileTypeId) => changeAndRun(withProfileType(query, profileTypeId))}
          />
          <ServicePicker
            id={`${id}-service`}
            selector={query.labelSelector}
            source={source}
            onChange={(labelSelector) => changeAndRun({ labelSelector })}
          />
          {!selectionOnly && (
            <QueryTypePicker id={`${id}-query-type`} value={query.queryType} app={app} onChange={chooseType} />
          )}
          {wrongPanel && (
            <Hint text={wrongPanel} warning>
              {drawnType && (
                <Button size="sm" variant="secondary" onClick={() => chooseType(drawnType)}>
                  {texts.query.switchTo(texts.query.types[drawnType].label)}
                </Button>
              )}
            </Hint>
          )}
        </EditorRow>
        <EditorRow>
          <div className={styles.labels}>
            <EditorField
              label={texts.editor.labels}
              htmlFor={`${id}-label-0-name`}
              invalid={errors.length > 0}
              error={errors[0]?.message}
            >
              <LabelsEditor
                id={`${id}-label`}
                mode={shownMode}
                selector={query.labelSelector}
                source={source}
                onType={(labelSelector) => type({ labelSelector })}
                onChoose={(labelSelector) => changeAndRun({ labelSelector })}
              />
            </EditorField>
            <div className={styles.mode}>
              <RadioButtonGroup
                aria-label={texts.editor.mode}
                size="sm"
                options={modes}
                value={shownMode}
                disabledOptions={errors.length > 0 ? ['builder'] : []}
                onChange={setMode}
              />
            </div>
          </div>
        </EditorRow>
        {!selectionOnly && (
          <OptionsRow
            id={id}
            query={query}
            app={app}
            source={source}
            functionNames={functionNames}
            open={optionsOpen}
            onToggle={setOptionsOpen}
            onChange={type}
            onRun={changeAndRun}
          />
        )}
        {!selectionOnly && <ProgressRow refId={query.refId} data={props.data} />}
        {!selectionOnly && <AnswerRow datasource={datasource} query={query} data={props.data} onRun={changeAndRun} />}
      </EditorRows>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // The code editor is as wide as it was drawn last: it must not keep the row from becoming narrower.
  labels: css({ position: 'relative', width: '100%', minWidth: 0 }),
  // At the end of the label's line, so that the field has the whole width.
  mode: css({ position: 'absolute', top: theme.spacing(-0.5), right: 0 }),
});
