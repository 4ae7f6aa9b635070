import classes from "./Told.module.css";
import type { ChartRow } from "./types";
import { wordsOf } from "./words";

interface Props {
  row: ChartRow;
  series: { name: string; color: string }[];
  formatHeight: (height: number) => string;
}

const FEW = 3;

/** What a row comes to, in words, as a tooltip: the series in the legend's order, of many those that there is any of. */
export function Told({ row, series, formatHeight }: Props) {
  const told = series.length > FEW ? series.filter(({ name }) => row.values[name] !== 0) : series;
  return (
    <div className={classes.tooltip}>
      <div className={classes.label}>
        <span>{row.label}</span>
        {row.whole !== undefined && <span className="figures">{row.whole}</span>}
      </div>
      <ul className={classes.series}>
        {told.map(({ name, color }) => (
          <li key={name}>
            <Dot color={color} />
            <span className={classes.name}>{name}</span>
            <strong className="figures">{wordsOf(row, name, formatHeight)}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Which colour is which series. */
export function Legend({ series }: Pick<Props, "series">) {
  return (
    <ul className={classes.legend}>
      {series.map(({ name, color }) => (
        <li key={name}>
          <Dot color={color} />
          {name}
        </li>
      ))}
    </ul>
  );
}

function Dot({ color }: { color: string }) {
  return (
    <span className={classes.dot} style={{ background: `var(--mantine-color-${color.replace(".", "-")})` }} />
  );
}
