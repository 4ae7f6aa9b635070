import { t } from "@lingui/core/macro";
import { Button, Code as CodeText, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { PlusIcon, TicketIcon } from "lucide-react";
import { api, type Schema, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { CopyButton } from "@/kit/CopyButton";
import { confirm } from "@/kit/confirm";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { formatCount } from "@/kit/numbers";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { Faint } from "../parts/Faint";
import { Status } from "../parts/Status";
import { ADMIN, useChange } from "../parts/useChange";
import { NewCodeForm } from "./NewCodeForm";

type Code = Schema<"CodeAnswer">;

export default function CodesPage() {
  const [isMaking, make] = useDisclosure(false);
  const codes = useInfiniteQuery({
    queryKey: [ADMIN, "codes"],
    ...pagesOf((cursor) => unwrap(api().GET("/api/admin/codes", { params: { query: { cursor } } }))),
  });
  const button = (
    <Button leftSection={<PlusIcon size={18} aria-hidden />} onClick={make.open}>
      {t`Make code`}
    </Button>
  );
  return (
    <Page
      title={t`Codes`}
      lead={t`Credit for whoever has the code: so many times in all, once a user, until some time.`}
      actions={button}
    >
      <Panel title={t`All codes`} flush>
        <PagedTable
          label={t`Redemption codes`}
          query={codes}
          rowKey={(code) => code.code}
          columns={[
            {
              title: t`Code`,
              show: ({ code }) => (
                <Group gap={4} wrap="nowrap">
                  <CodeText miw="11ch" display="inline-block">
                    {code}
                  </CodeText>
                  <CopyButton value={code} what={t`code ${code}`} />
                </Group>
              ),
            },
            { title: t`State`, show: (code) => <State code={code} /> },
            {
              title: t`Credit`,
              align: "right",
              place: "figure",
              show: (code) => <Money usd={code.amount_usd} exact />,
            },
            {
              title: t`Used`,
              align: "right",
              show: (code) =>
                t`${{ uses: formatCount(code.uses) }} of ${{ maxUses: formatCount(code.max_uses) }}`,
            },
            {
              title: t`Until`,
              align: "right",
              show: ({ expires_at }) =>
                expires_at === null ? <Faint>{t`No end`}</Faint> : <When at={expires_at} />,
            },
            { title: t`Note`, show: ({ note }) => note || null },
            { title: "", align: "right", place: "action", show: (code) => <End code={code} /> },
          ]}
          empty={
            <Empty title={t`No codes yet`} icon={TicketIcon} action={button}>
              {t`Make one for a launch, a class, or somebody who waited for an answer.`}
            </Empty>
          }
        />
      </Panel>
      <NewCodeForm opened={isMaking} onClose={make.close} />
    </Page>
  );
}

function isOver({ expires_at }: Code): boolean {
  return expires_at !== null && Date.parse(expires_at) <= Date.now();
}

function State({ code }: { code: Code }) {
  if (code.uses >= code.max_uses) return <Status tone="idle">{t`Used up`}</Status>;
  if (isOver(code)) return <Status tone="idle">{t`Ended`}</Status>;
  return <Status tone="good">{t`Good`}</Status>;
}

function End({ code }: { code: Code }) {
  const end = useChange((name: string, headers) =>
    unwrap(api().DELETE("/api/admin/codes/{code}", { params: { path: { code: name } }, headers })),
  );
  if (isOver(code) || code.uses >= code.max_uses) return null;
  const ask = async () => {
    const agreed = await confirm({
      title: t`End the code ${{ code: code.code }}?`,
      children: t`Nobody can redeem it any more. What was redeemed stays.`,
      action: t`End code`,
      danger: true,
    });
    if (!agreed) return;
    try {
      await end.mutateAsync(code.code);
      notifyDone(t`The code is ended.`);
    } catch (error) {
      notifyProblem(error, t`The code was not ended`);
    }
  };
  return (
    <Button
      variant="default"
      size="xs"
      loading={end.isPending}
      onClick={ask}
      aria-label={t`End ${{ code: code.code }}`}
    >
      {t`End`}
    </Button>
  );
}
