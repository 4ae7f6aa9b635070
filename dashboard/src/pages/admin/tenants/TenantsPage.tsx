import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Building2Icon, PlusIcon } from "lucide-react";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { Budget } from "@/kit/Budget";
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
      Set a budget
    </Button>
  );
  return (
    <Page
      title="Tenants"
      lead="What the users of one tenant may spend together in a calendar month. It holds from each one's next lease on, within a minute."
      actions={button}
    >
      <Panel title="All budgets" flush>
        <PagedTable
          label="Tenants with a budget"
          query={tenants}
          rowKey={(tenant) => tenant.id}
          columns={[
            {
              title: "Tenant",
              show: ({ id }) => (
                <NameLink to={`/admin/users?tenant=${encodeURIComponent(id)}`}>{id}</NameLink>
              ),
            },
            { title: "Spent this month", show: ({ id, budget }) => <Budget budget={budget} name={id} /> },
            {
              title: "Left",
              align: "right",
              show: ({ budget }) =>
                budget.remaining_usd === null ? <Faint>No cap</Faint> : <Money usd={budget.remaining_usd} />,
            },
            { title: "Month", align: "right", show: ({ budget }) => budget.period },
            { title: "Time zone", align: "right", show: ({ time_zone }) => time_zone },
            {
              title: "",
              align: "right",
              show: (tenant) => (
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => open(tenant)}
                  aria-label={`Change the budget of ${tenant.id}`}
                >
                  Change
                </Button>
              ),
            },
          ]}
          empty={
            <Empty title="No budgets yet" icon={Building2Icon} action={button}>
              Users get their tenant in their terms. Without a budget here, only their own hold.
            </Empty>
          }
        />
      </Panel>
      <TenantForm tenant={changing} opened={isOpen} onClose={sheet.close} />
    </Page>
  );
}
