import { t } from "@lingui/core/macro";
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Building2Icon, PlusIcon } from "lucide-react";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { Budget } from "@/kit/Budget";
import { formatMonth } from "@/kit/dates";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { Faint } from "../parts/Faint";
import { NameLink } from "../parts/NameLink";
import { ADMIN } from "../parts/useChange";
import { type Tenant, TenantForm } from "./TenantForm";

export default function TenantsPage() {
  const [changing, setChanging] = useState<Tenant>();
  const [isOpen, sheet] = useDisclosure(false);
  const tenants = useInfiniteQuery({
    queryKey: [ADMIN, "tenants"],
    ...pagesOf((cursor) => unwrap(api().GET("/api/admin/tenants", { params: { query: { cursor } } }))),
  });
  const open = (tenant?: Tenant) => {
    setChanging(tenant);
    sheet.open();
  };
  const button = (
    <Button leftSection={<PlusIcon size={18} aria-hidden />} onClick={() => open()}>
      {t`Set a budget`}
    </Button>
  );
  return (
    <Page
      title={t`Tenants`}
      lead={t`What the users of one tenant may spend together in a calendar month. It holds from each one's next lease on, within a minute.`}
      actions={button}
    >
      <Panel title={t`All budgets`} flush>
        <PagedTable
          label={t`Tenants with a budget`}
          query={tenants}
          rowKey={(tenant) => tenant.id}
          columns={[
            {
              title: t`Tenant`,
              show: ({ id }) => (
                <NameLink to={`/admin/users?tenant=${encodeURIComponent(id)}`}>{id}</NameLink>
              ),
            },
            { title: t`Spent this month`, show: ({ id, budget }) => <Budget budget={budget} name={id} /> },
            {
              title: t`Left`,
              align: "right",
              place: "price",
              show: ({ budget }) =>
                budget.remaining_usd === null ? (
                  <Faint>{t`No cap`}</Faint>
                ) : (
                  <Money usd={budget.remaining_usd} />
                ),
            },
            { title: t`Month`, align: "right", show: ({ budget }) => formatMonth(budget.period) },
            { title: t`Time zone`, align: "right", show: ({ time_zone }) => time_zone },
            {
              title: "",
              align: "right",
              place: "action",
              show: (tenant) => (
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => open(tenant)}
                  aria-label={t`Change the budget of ${{ tenant: tenant.id }}`}
                >
                  {t`Change`}
                </Button>
              ),
            },
          ]}
          empty={
            <Empty title={t`No budgets yet`} icon={Building2Icon} action={button}>
              {t`Users get their tenant in their terms. Without a budget here, only their own hold.`}
            </Empty>
          }
        />
      </Panel>
      <TenantForm tenant={changing} opened={isOpen} onClose={sheet.close} />
    </Page>
  );
}
