import { t } from "@lingui/core/macro";
import { Text, VisuallyHidden } from "@mantine/core";
import { Suspense } from "react";
import { lazily } from "@/kit/lazily";
import { Loading } from "../Loading";
import { formatCompact } from "../numbers";
import type { ChartProps } from "./types";
import { wordsOf } from "./words";

const Drawing = lazily(() => import("./Drawing")); // the library is heavy, and most pages draw nothing

/** A chart, and for those who cannot see it the same figures as a table. Money: `forChart` for the height, and the
 * exact amount in the row's `told`. */
export function Chart(props: ChartProps) {
  const { title, rows, series, formatAxis = formatCompact, empty = t`Nothing in this time.` } = props;
  if (rows.length === 0) return <Text c="dimmed">{empty}</Text>;
  return (
    <figure style={{ margin: 0 }} aria-label={title}>
      <div aria-hidden="true">
        <Suspense fallback={<Loading as="chart" />}>
          <Drawing {...props} />
        </Suspense>
      </div>
      <VisuallyHidden>
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">{props.rowTitle}</th>
              {series.map(({ name }) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">{row.label}</th>
                {series.map(({ name }) => (
                  <td key={name}>{wordsOf(row, name, (height) => formatAxis(height, height))}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
}
