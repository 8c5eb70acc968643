import { pb } from './client';

export interface FacetValue {
  value: string;
  count: number;
}

/** Counts over a stretch of the log, made by the server. */
export interface Facets {
  buckets: {
    date: string;
    ok: number;
    client: number;
    server: number;
    other: number;
    p50: number | null;
    p95: number | null;
  }[];
  facets: Partial<Record<string, FacetValue[]>>;
}

export interface FacetQuery {
  filter: string;
  from: string;
  to: string;
  bucketSeconds: number;
}

/** Ours; 404 from servers that have none. */
export function logFacets(query: FacetQuery, signal: AbortSignal): Promise<Facets> {
  return pb.send<Facets>('/api/gr/logs/facets', { query, signal });
}
