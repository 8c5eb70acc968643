/** What of a list is shown and ticked, as an export asks for it. */
export interface ListPart {
  /** As it is sent; empty for none. */
  filter: string;
  sort: string;
  /** How many match. */
  total: number;
  /** The columns that are shown, in their order. */
  columns: string[];
  /** Ticked one by one; empty where none is, or all that match are. */
  ids: readonly string[];
}
