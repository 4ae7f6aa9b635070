import { Text, type TextProps } from "@mantine/core";
import { Hint } from "./Hint";
import { formatUsd, isShownWhole, type UsdFormat } from "./money";

interface Props extends UsdFormat, TextProps {
  /** One of the API's amounts. */
  usd: string;
}

/** An amount with sensible digits; where some are left out, all of them in a tooltip. */
export function Money({ usd, exact, rounding, signed, ...text }: Props) {
  const format = { exact, rounding, signed };
  const shown = (
    <Text component="span" inherit className="figures amount" {...text}>
      {formatUsd(usd, format)}
    </Text>
  );
  if (isShownWhole(usd, format)) return shown;
  return <Hint label={() => formatUsd(usd, { exact: true, signed })}>{shown}</Hint>;
}
