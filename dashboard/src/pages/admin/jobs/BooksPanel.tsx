import { t } from "@lingui/core/macro";
import { Button, Stack, Text } from "@mantine/core";
import { ScaleIcon } from "lucide-react";
import { api, type Schema, unwrap } from "@/api/client";
import { Failure } from "@/kit/Failure";
import { formatCount } from "@/kit/numbers";
import { Panel } from "@/kit/Panel";
import { useOnce } from "@/kit/useOnce";
import { Notice } from "../parts/Notice";

/** Proves the books at a click: every wallet against its ledger, its leases and its requests. */
export function BooksPanel() {
  const check = useOnce({ mutationFn: () => unwrap(api().POST("/api/admin/verify-books")) });
  return (
    <Panel
      title={t`The books`}
      lead={t`Every wallet is added up again from its ledger, its leases and its requests.`}
      actions={
        <Button
          variant="default"
          size="xs"
          leftSection={<ScaleIcon size={16} aria-hidden />}
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          {t`Check the books`}
        </Button>
      }
    >
      <div aria-live="polite">
        {check.isPending && (
          <Text size="sm" c="dimmed">
            {t`Adding up. With many users this takes a while.`}
          </Text>
        )}
        {check.isError && <Failure error={check.error} onRetry={() => check.mutate()} />}
        {check.isIdle && (
          <Text size="sm" c="dimmed">
            {t`Not checked since you opened this page.`}
          </Text>
        )}
        {check.isSuccess && <Outcome books={check.data} />}
      </div>
    </Panel>
  );
}

function Outcome({ books }: { books: Schema<"AuditAnswer"> }) {
  const [wallets, entries] = [formatCount(books.wallets), formatCount(books.entries)];
  const [leases, requests] = [formatCount(books.leases), formatCount(books.requests)];
  const walked = t`${wallets} wallets, ${entries} ledger entries, ${leases} leases and ${requests} requests were added up.`;
  if (books.clean) {
    return (
      <Notice tone="good" title={t`The books add up`}>
        {walked}{" "}
        {books.restless > 0 && t`${{ restless: formatCount(books.restless) }} were too busy to be compared.`}
      </Notice>
    );
  }
  return (
    <Notice tone="bad" title={t`Something does not add up`}>
      <Stack gap="xs">
        <Text size="sm">{walked}</Text>
        <ul>
          {books.faults.map(({ path, problem }) => (
            <li key={`${path} ${problem}`}>
              <strong>{path}</strong>: {problem}
            </li>
          ))}
        </ul>
      </Stack>
    </Notice>
  );
}
