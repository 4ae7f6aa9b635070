import { Button, Code, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheckIcon } from "lucide-react";
import { api, type Schema, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { confirm } from "@/kit/confirm";
import { Empty } from "@/kit/Empty";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { formatCount } from "@/kit/numbers";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { Faint } from "../parts/Faint";
import { NameLink, pageBelow } from "../parts/NameLink";
import { ADMIN, useChange } from "../parts/useChange";

type Case = Schema<"UnmatchedAnswer">;

/** What came of payment providers that nothing was credited for: money for nobody, and events that cannot be read. */
export default function PaymentsPage() {
  const cases = useInfiniteQuery({
    queryKey: [ADMIN, "unmatched"],
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/admin/payments/unmatched", { params: { query: { cursor } } })),
    ),
  });
  return (
    <Page
      title="Unmatched payments"
      lead="Money and events of the payment provider that Farebox could make nothing of. Nothing was credited for them: mend the cause and have the event sent again, or refund it there, and close the case."
    >
      <Panel title="Open cases" flush>
        <PagedTable
          label="Unmatched payments"
          query={cases}
          rowKey={({ id }) => id}
          columns={[
            { title: "What", show: (found) => <What found={found} /> },
            { title: "User", show: ({ user_id }) => <User id={user_id} /> },
            { title: "Times", align: "right", show: ({ times }) => formatCount(times) },
            { title: "Amount", align: "right", place: "figure", show: amountOf },
            { title: "Last seen", align: "right", show: ({ updated_at }) => <When at={updated_at} /> },
            { title: "Close", align: "right", show: (found) => <Close found={found} /> },
          ]}
          empty={
            <Empty icon={CircleCheckIcon} title="Every payment found its owner">
              What cannot be matched is listed here, with what to do about it.
            </Empty>
          }
        />
      </Panel>
    </Page>
  );
}

function What({ found: { reason, detail, provider, about, event } }: { found: Case }) {
  return (
    <Stack gap={2} align="flex-start">
      <Text inherit fw={550}>
        {reason.charAt(0).toUpperCase() + reason.slice(1).replaceAll("_", " ")}
      </Text>
      <Text size="sm" c="dimmed">
        {detail}
      </Text>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {provider}: <Code>{about}</Code>, event <Code>{event}</Code>
      </Text>
    </Stack>
  );
}

function User({ id }: { id: string | null }) {
  return id === null ? <Faint>Nobody</Faint> : <NameLink to={pageBelow("/admin/users", id)}>{id}</NameLink>;
}

/** In the currency that it was paid in. */
function amountOf({ amount, currency }: Case) {
  return amount === null ? <Faint>None</Faint> : `${amount} ${(currency ?? "usd").toUpperCase()}`;
}

function Close({ found: { id, about } }: { found: Case }) {
  const close = useChange((caseId: string, headers) =>
    unwrap(api().DELETE("/api/admin/payments/unmatched/{id}", { params: { path: { id: caseId } }, headers })),
  );
  const ask = async () => {
    const sure = await confirm({
      title: "Close this case?",
      children: `Do so once ${about} was refunded, or credited by hand. It leaves the list; the audit trail keeps it.`,
      action: "Close case",
    });
    if (!sure) return;
    close.mutate(id, {
      onSuccess: () => notifyDone("The case is closed."),
      onError: (error) => notifyProblem(error, "The case was not closed"),
    });
  };
  return (
    <Button size="compact-sm" variant="default" loading={close.isPending} onClick={() => void ask()}>
      Close
    </Button>
  );
}
