// The state of the SQL page: what runs, what came out, and what waits for a second look.
import { isAborted, toFailure, type Failure } from '../../api/errors';
import { runSql, type SqlResult } from '../../api/sql';
import type { SqlEditor } from '../../code/sql-editor';
import { RecordList } from '../../grid/record-list.svelte';
import { collections } from '../../state/collections.svelte';
import { sqlStrings as words } from '../../strings/sql';
import { explain, planOf, type PlanStep } from './plan';
import { pagesOf, rowsOf } from './result';
import {
  isWriting,
  parametersOf,
  placeOfError,
  statementAt,
  withParameters,
  type Statement,
} from './statements';
import { stored } from './stored.svelte';

export class SqlView {
  editor: SqlEditor | null = null;
  running = $state(false);
  result = $state.raw<SqlResult | null>(null);
  list = $state.raw<RecordList | null>(null);
  failure = $state.raw<Failure | null>(null);
  plan = $state.raw<PlanStep[] | null>(null);
  planFailure = $state.raw<Failure | null>(null);
  /** Rows of the tables that the plan reads whole. */
  counts = $state.raw<Record<string, number>>({});
  tab = $state<'result' | 'plan'>('result');
  /** A statement that changes data, until somebody says so again. */
  doubtful = $state.raw<Statement | null>(null);
  /** A statement whose parameters are asked for. */
  asking = $state.raw<{ statement: Statement; names: string[]; plan: boolean } | null>(null);
  notice = $state('');
  #last: Statement | null = null;
  #running: AbortController | null = null;

  /** The marked text as one statement, else the one at the cursor. */
  #wanted(): Statement | null {
    const { from, to } = this.editor?.selection() ?? { from: 0, to: 0 };
    const { text } = stored;
    if (from !== to) return { from, to, text: text.slice(from, to) };
    return statementAt(text, from);
  }

  start = (plan = false): void => {
    const statement = this.#wanted();
    this.editor?.mark(null);
    this.notice = '';
    this.doubtful = null;
    if (!statement) {
      this.notice = words.nothing;
      return;
    }
    const names = parametersOf(statement.text);
    if (names.length > 0) this.asking = { statement, names, plan };
    else this.#go(statement, plan);
  };

  /** With the values that were asked for. */
  answer = (values: Record<string, string>): void => {
    const { asking } = this;
    this.asking = null;
    if (!asking) return;
    const text = withParameters(asking.statement.text, values);
    this.#go({ ...asking.statement, text }, asking.plan);
  };

  #go(statement: Statement, plan: boolean): void {
    if (plan) {
      this.tab = 'plan';
      void this.#explain(statement);
    } else if (isWriting(statement.text)) this.doubtful = statement;
    else void this.#run(statement);
  }

  confirm = (): void => {
    const { doubtful } = this;
    this.doubtful = null;
    this.editor?.focus();
    if (doubtful) void this.#run(doubtful);
  };

  stop = (): void => {
    this.#running?.abort();
    this.running = false;
  };

  show = (tab: string): void => {
    this.tab = tab === 'plan' ? 'plan' : 'result';
    if (this.tab === 'plan' && this.#last && !this.plan) void this.#explain(this.#last);
  };

  async #run(statement: Statement): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.running = true;
    this.tab = 'result';
    this.#last = statement;
    [this.plan, this.planFailure] = [null, null];
    stored.remember(statement.text);
    try {
      const result = await runSql(statement.text, {
        readonly: !isWriting(statement.text),
        signal: running.signal,
      });
      if (running.signal.aborted) return;
      await this.#take(result);
    } catch (error) {
      if (running.signal.aborted || isAborted(error)) return;
      this.failure = this.#refused(error, statement);
    } finally {
      if (this.#running === running) this.running = false;
    }
  }

  async #take(result: SqlResult): Promise<void> {
    const list = new RecordList(pagesOf(rowsOf(result)));
    await list.open({ collection: '', filter: '', sort: '', fields: '', expand: '' });
    [this.result, this.list, this.failure] = [result, list, null];
  }

  async #explain(statement: Statement): Promise<void> {
    this.#last = statement;
    [this.planFailure, this.counts] = [null, {}];
    try {
      const steps = planOf(await runSql(explain(statement.text), { readonly: true }));
      this.plan = steps;
      await this.#count(steps);
    } catch (error) {
      if (!isAborted(error))
        [this.plan, this.planFailure] = [null, this.#refused(error, statement)];
    }
  }

  /** How many rows a whole table has; only of names that are ours for sure. */
  async #count(steps: readonly PlanStep[]): Promise<void> {
    const flat = (step: PlanStep): PlanStep[] => [step, ...step.children.flatMap(flat)];
    for (const { scans: name } of steps.flatMap(flat)) {
      const isOurs = collections.all.some((one) => one.name === name);
      if (!isOurs || name in this.counts) continue;
      const { rows } = await runSql(`select count(*) from "${name}"`, { readonly: true });
      this.counts = { ...this.counts, [name]: Number(rows[0]?.[0] ?? 0) };
    }
  }

  /** The engine's words alone, and the line under the place they speak of. */
  #refused(error: unknown, statement: Statement): Failure {
    const failure = toFailure(error);
    const message = failure.message.replace(/^Failed to execute query\. Raw error:\s*/, '');
    const place = placeOfError(statement.text, message);
    // What was filled in for a parameter has shifted the rest.
    const isAsWritten = stored.text.slice(statement.from, statement.to) === statement.text;
    if (place && isAsWritten) {
      this.editor?.mark({ from: statement.from + place.from, to: statement.from + place.to });
    }
    return { ...failure, message };
  }
}
