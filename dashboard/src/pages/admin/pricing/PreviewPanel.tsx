import { plural, t } from "@lingui/core/macro";
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { UsersIcon } from "lucide-react";
import { api, type Schema, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import { compareUsd, formatUsd } from "@/kit/money";
import { formatCount } from "@/kit/numbers";
import { useOnce } from "@/kit/useOnce";
import { NameRow, Names } from "../parts/Names";
import type { PriceAsSet } from "./prices";

const SHOWN = 10;

interface Props {
  model: string;
  /** What is typed, as the API takes it; `null` while it is not right. */
  entry: () => PriceAsSet | null;
}

/** Who would pay what more at the price that is typed, before it counts. */
export function PreviewPanel({ model, entry }: Props) {
  const preview = useOnce({
    mutationFn: (body: PriceAsSet) =>
      unwrap(api().POST("/api/admin/pricing/{model}/preview", { params: { path: { model } }, body })),
  });
  const ask = () => {
    const typed = entry();
    if (typed !== null) preview.mutate(typed);
  };
  return (
    <Stack gap="xs">
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<UsersIcon size={15} aria-hidden />}
          loading={preview.isPending}
          onClick={ask}
        >
          {t`Who would pay what more?`}
        </Button>
      </Group>
      {preview.isError && (
        <Alert color="red" variant="light" role="alert">
          {asProblem(preview.error).message}
        </Alert>
      )}
      {preview.data !== undefined && <Told preview={preview.data} />}
    </Stack>
  );
}

function Told({
  preview: { users, days, data, difference_usd, before_usd, after_usd, requests_looked_at },
}: {
  preview: Schema<"PricePreview">;
}) {
  if (users === 0) {
    return <Text size="sm" role="status">{t`Nobody used this model in the last ${days} days.`}</Text>;
  }
  const more = data.filter((each) => compareUsd(each.difference_usd, "0") !== 0).slice(0, SHOWN);
  return (
    <Stack role="status" gap="xs">
      <Text size="sm">
        {plural(users, {
          one: `For what # customer used in ${days} days:`,
          other: `For what # customers used in ${days} days:`,
        })}{" "}
        <strong className="figures">{formatUsd(difference_usd, { exact: true, signed: true })}</strong>{" "}
        <Text span c="dimmed" className="figures">
          ({formatUsd(before_usd)} → {formatUsd(after_usd)})
        </Text>
      </Text>
      <Names label={t`Who would pay what more`}>
        {more.map((each) => (
          <NameRow key={each.user_id} name={each.name}>
            <span className="figures">
              {formatUsd(each.difference_usd, { signed: true })}{" "}
              <Text span size="xs" c="dimmed">
                {formatUsd(each.before_usd)} → {formatUsd(each.after_usd)}
              </Text>
            </span>
          </NameRow>
        ))}
      </Names>
      {users > more.length && (
        <Text size="xs" c="dimmed">
          {more.length === 0
            ? t`Nothing changes for anybody.`
            : plural(users - more.length, {
                one: "And # other, for whom less changes.",
                other: "And # others, for whom less changes.",
              })}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {requests_looked_at > 0
          ? t`Tiers as in the newest ${{ count: formatCount(requests_looked_at) }} requests, each at their own factor on list prices.`
          : t`Each at their own factor on list prices.`}
      </Text>
    </Stack>
  );
}
