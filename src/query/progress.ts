import { CoreApp, type DataFrame, type DataQueryRequest, type DataQueryResponse, LoadingState } from '@grafana/data';
import { concatMap, defer, EMPTY, expand, type Observable } from 'rxjs';

import { type Progress, type PyrofrontQuery, type QueryType } from '../types';

type Request = DataQueryRequest<PyrofrontQuery>;
type Ask = (request: Request) => Observable<DataQueryResponse>;

/** Where people look at what is drawn. */
const apps: Array<CoreApp | string> = [CoreApp.Dashboard, CoreApp.Explore, CoreApp.PanelEditor, CoreApp.PanelViewer];

/** The query types whose answers can be put together of parts. */
const growing: QueryType[] = ['profile', 'metrics', 'both', 'topFunctions', 'diff', 'heatmap'];

/**
 * So many executions of one request are one for each Grafana of a few that take turns. After more, it is plain that the
 * cluster would be asked anew for ever: by many Grafanas, or since nobody asks for long at a time, as in a frozen tab.
 */
const mostExecutions = 3;

/** Whether an answer may come in parts: somebody looks at it, and it can. */
export function comesInParts({ app, targets }: Request): boolean {
  return app !== undefined && apps.includes(app) && targets.some(({ queryType }) => growing.includes(queryType));
}

/** How much of its query's answer a frame is part of. Undefined: the answer is whole. */
export function progressOf(frame: DataFrame | undefined): Progress | undefined {
  return frame?.meta?.custom?.progress;
}

/** The progress of the query with this name. */
export function progressIn(frames: DataFrame[], refId: string): Progress | undefined {
  return frames
    .filter((frame) => frame.refId === refId)
    .map(progressOf)
    .find(Boolean);
}

/**
 * Sends a request again and again, as the id of a run, until the answer is whole; what there is until then comes first,
 * with the state Loading. Whoever unsubscribes ends the request under way, and with it the run. Where several Grafanas
 * share the requests, each has a run of its own: what is shown is never less than was shown before, and the cluster
 * executes no more than a few of them.
 */
export function askUntilWhole(ask: Ask, request: Request): Observable<DataQueryResponse> {
  return defer(() => {
    const run = newRun();
    const targets = request.targets.map((target) => ({ ...target, progress: { run } }));
    const pictures = new Pictures(request);
    return ask({ ...request, targets }).pipe(
      expand((answer) => {
        if (!isPart(answer)) {
          return EMPTY;
        }
        return ask(pictures.executions.size > mostExecutions ? request : { ...request, targets });
      }),
      concatMap((answer) => pictures.next(answer).map((shown) => ({ ...shown, key: run })))
    );
  });
}

function isPart({ data }: DataQueryResponse): boolean {
  return data.some((frame: DataFrame) => progressOf(frame));
}

/** What of a query was shown last, and how much of it that was, 0 to 1. */
interface Shown {
  frames: DataFrame[];
  share: number;
}

/** What is shown of the answers that come one after the other. */
class Pictures {
  /** The executions that answers were of. One that does not say is of one that nobody else is of. */
  readonly executions = new Set<string | DataQueryResponse>();
  private readonly shown = new Map<string, Shown>();
  private drawn = false;

  constructor(private readonly request: Request) {}

  next(answer: DataQueryResponse): DataQueryResponse[] {
    if (!isPart(answer)) {
      return [answer];
    }
    for (const progress of answer.data.map(progressOf)) {
      progress && this.executions.add(progress.execution ?? answer);
    }
    let isNew = false;
    for (const { refId } of this.request.targets) {
      const last = this.shown.get(refId)?.share ?? 0;
      const now = shareOf(answer.data.filter((frame: DataFrame) => frame.refId === refId));
      if (now.share > last && now.frames.some((frame) => frame.fields.length > 0)) {
        this.shown.set(refId, now);
        isNew = true;
      }
    }
    if (!isNew) {
      return [];
    }
    const data = this.request.targets.flatMap(({ refId }) => this.shown.get(refId)?.frames ?? []);
    return this.states().map((state) => ({ ...answer, data, state }));
  }

  /**
   * A dashboard draws a panel for the first time once its state is another than Loading, and Loading is what has the bar
   * and the button that cancels.
   */
  private states(): LoadingState[] {
    const first = !this.drawn && this.request.app !== CoreApp.Explore;
    this.drawn = true;
    return first ? [LoadingState.Streaming, LoadingState.Loading] : [LoadingState.Loading];
  }
}

function shareOf(frames: DataFrame[]): Shown {
  const progress = frames.map(progressOf).find(Boolean);
  return { frames, share: progress ? progress.done / Math.max(progress.total, 1) : 1 };
}

/** A random id. `randomUUID` is there in secure contexts only, and a Grafana need not be one. */
function newRun(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
