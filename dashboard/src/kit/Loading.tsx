import { t } from "@lingui/core/macro";
import { Skeleton, Stack, VisuallyHidden } from "@mantine/core";

interface Props {
  /** What is to come: a few lines, the rows of a table, tiles, or a chart. */
  as?: "lines" | "rows" | "tile" | "chart";
}

const HEIGHTS = { lines: [14, 14, 14], rows: [36, 36, 36, 36, 36, 36], tile: [88], chart: [240] };

/** The place of something that is on its way, about as large as that. */
export function Loading({ as = "lines" }: Props) {
  return (
    <Stack gap="sm" role="status">
      <VisuallyHidden>{t`Loading`}</VisuallyHidden>
      {HEIGHTS[as].map((height, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars are alike and stay where they are
        <Skeleton key={index} height={height} width={as === "lines" && index === 2 ? "60%" : "100%"} />
      ))}
    </Stack>
  );
}
