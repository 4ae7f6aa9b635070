import { t } from "@lingui/core/macro";
import { Button, SimpleGrid } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { LayoutGridIcon, PlusIcon } from "lucide-react";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { everyPage } from "@/data/pages";
import { Empty } from "@/kit/Empty";
import { ExportMenu, type Format } from "@/kit/ExportMenu";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Page } from "@/kit/Page";
import { ADMIN } from "../parts/useChange";
import { PlanCard } from "./PlanCard";
import { PlanForm } from "./PlanForm";
import type { Plan } from "./terms";

export default function PlansPage() {
  const [changing, setChanging] = useState<Plan>();
  const [isOpen, sheet] = useDisclosure(false);
  const plans = useQuery({
    queryKey: [ADMIN, "plans"],
    queryFn: async () =>
      (await everyPage((query) => unwrap(api().GET("/api/admin/plans", { params: { query } })))).data,
  });
  const open = (plan?: Plan) => {
    setChanging(plan);
    sheet.open();
  };
  const read = (format: Format) =>
    unwrap(api().GET("/api/admin/plans/export", { params: { query: { format } }, parseAs: "blob" }));
  return (
    <Page
      title={t`Plans`}
      lead={t`What people subscribe to: credit each month, a budget, limits and models. Who has one gets its new terms with their next renewal or change.`}
      actions={
        <>
          <ExportMenu name="plans" read={read} />
          <Button leftSection={<PlusIcon size={18} aria-hidden />} onClick={() => open()}>
            {t`Add plan`}
          </Button>
        </>
      }
    >
      <Loaded query={plans} loading={<Loading as="chart" />}>
        {(found) =>
          found.length === 0 ? (
            <Empty title={t`No plans`} icon={LayoutGridIcon}>
              {t`Without one, people pay as they go.`}
            </Empty>
          ) : (
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              {found.map((plan) => (
                <PlanCard key={plan.id} plan={plan} onChange={() => open(plan)} />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
      <PlanForm
        plan={changing}
        taken={plans.data?.map(({ id }) => id) ?? []}
        opened={isOpen}
        onClose={sheet.close}
      />
    </Page>
  );
}
