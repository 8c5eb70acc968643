import { graphlib, layout } from '@dagrejs/dagre';
import type { CollectionModel, FieldModel } from '../../../api/types';
import type { Arrow } from '../graph';

export const CARD_WIDTH = 220;
const HEAD = 37;
const ROW = 22;
const FOOT = 8;

/** What a card shows: keys and relations, or all. */
export function shownFields(collection: CollectionModel, all: boolean): FieldModel[] {
  if (all) return collection.fields;
  return collection.fields.filter(({ type, primaryKey }) => primaryKey || type === 'relation');
}

export function cardHeight(collection: CollectionModel, all: boolean): number {
  const rows = shownFields(collection, all).length;
  const more = rows < collection.fields.length ? 1 : 0;
  return HEAD + (rows + more) * ROW + FOOT;
}

export type Places = Record<string, { x: number; y: number }>;

/** Puts the cards so that arrows go from left to right and cross little. */
export function placed(
  collections: readonly CollectionModel[],
  arrows: readonly Arrow[],
  all: boolean,
): Places {
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 32, ranksep: 96, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const one of collections) {
    graph.setNode(one.name, { width: CARD_WIDTH, height: cardHeight(one, all) });
  }
  for (const { id, from, to } of arrows) if (from !== to) graph.setEdge(from, to, {}, id);
  layout(graph);
  return Object.fromEntries(
    collections.map((one) => {
      const { x, y, width, height } = graph.node(one.name) as Required<
        Record<'x' | 'y' | 'width' | 'height', number>
      >;
      return [one.name, { x: x - width / 2, y: y - height / 2 }];
    }),
  );
}

const KEY = 'greenroom_diagram';

/** Where somebody put the cards, in this browser. */
export function keptPlaces(): Places {
  try {
    return (JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {}) as Places;
  } catch {
    return {};
  }
}

export function keepPlaces(places: Places): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(places));
  } catch {
    // Storage may be full or blocked: the cards then stay until the page is closed.
  }
}
