export interface ChartSeries {
  name: string;
  /** A colour token: `--chart-1`. */
  colour: string;
  values: (number | null)[];
  dashed?: boolean;
}
