import { t } from "@lingui/core/macro";
import { SegmentedControl } from "@mantine/core";
import { SPANS, type SpanDays } from "@/data/usage";

interface Props {
  /** `null` where the time is another. */
  value: SpanDays | null;
  onChange: (days: SpanDays) => void;
  /** Beside a part's title. */
  size?: "xs";
}

/** How many of the last days statistics cover. */
export function SpanChoice({ value, onChange, size }: Props) {
  return (
    <SegmentedControl
      size={size}
      aria-label={t`Time shown`}
      value={String(value ?? "")}
      onChange={(chosen) => onChange(Number(chosen) as SpanDays)}
      data={SPANS.map((days) => ({ value: String(days), label: days === 365 ? t`1 year` : t`${days} days` }))}
    />
  );
}
