export interface ChartRow {
  /** What tells the row from others. */
  key: string;
  /** The row's name on the axis: a day, a model. */
  label: string;
  /** Heights, by the series' names. For money: `forChart(usd)`. */
  values: Record<string, number>;
  /** What is read instead of a height, by the series' names: for money its exact amount. */
  told?: Record<string, string>;
  /** What all of its series come to, where that is told. */
  whole?: string;
}

export interface ChartSeries {
  name: string;
  /** A colour of the theme, such as `fare.6`; one of the palette where it is left out. */
  color?: string;
}

export interface ChartProps {
  /** `stacked` bars and `area`s stand on top of each other: for parts of a whole. Names of any length: `Ranking`. */
  kind: "bars" | "stacked" | "line" | "area";
  /** What is drawn, in a few words. */
  title: string;
  /** What a row is: "Day", "Model". */
  rowTitle: string;
  rows: ChartRow[];
  series: ChartSeries[];
  height?: number;
  /** How the axis writes a height, of heights that are `step` apart. */
  formatAxis?: (value: number, step: number) => string;
  /** Of bars: what a click on one leads to. It is told elsewhere as well, for those who do not see the drawing. */
  onChoose?: (rowKey: string, series: string) => void;
  /** What is said where there are no rows. */
  empty?: string;
}
