import { t } from "@lingui/core/macro";
import { useParams } from "react-router";
import { NotFoundPage } from "@/app/NotFoundPage";
import { type Right, useMay, useOrganisation } from "@/data/organisations";
import { Page } from "@/kit/Page";
import { RoutedPanel, type RoutedTab, RoutedTabs } from "@/kit/RoutedTabs";
import { AuditTrail } from "./AuditTrail";
import { Invitations } from "./Invitations";
import { Members } from "./Members";
import { Projects } from "./Projects";
import { ServiceAccounts } from "./ServiceAccounts";
import { Settings } from "./Settings";

const TABS: (RoutedTab & { right: Right })[] = [
  { value: "members", label: t`Members`, right: "members.read" },
  { value: "projects", label: t`Projects`, right: "projects.read" },
  { value: "service-accounts", label: t`Service accounts`, right: "service_accounts.read" },
  { value: "audit", label: t`Audit trail`, right: "audit.read" },
  { value: "settings", label: t`Settings`, right: "org.read" },
];

/** The paths below `/organisation`: the tab, which is the first that one may see where none is named. */
export default function OrganisationPage() {
  const here = useOrganisation();
  const may = useMay();
  const { "*": path = "" } = useParams();
  const offered = TABS.filter(({ right }) => may(right));
  const first = offered[0]?.value;
  const tab = path || first;
  if (tab === undefined || !offered.some(({ value }) => value === tab)) return <NotFoundPage />;
  return (
    <Page
      title={t`Organisation`}
      lead={
        here === undefined || here.is_personal
          ? t`Your own account is an organisation of one. Others may work in it, too; for a team, make one of its own.`
          : t`${{ here: here.name }} has a balance, keys and limits of its own, which its members share.`
      }
    >
      <RoutedTabs path="/organisation" tabs={offered} value={tab}>
        <RoutedPanel value="members">
          <Members />
          {may("invitations.read") && <Invitations />}
        </RoutedPanel>
        <RoutedPanel value="projects">
          <Projects />
        </RoutedPanel>
        <RoutedPanel value="service-accounts">
          <ServiceAccounts />
        </RoutedPanel>
        <RoutedPanel value="audit">
          <AuditTrail />
        </RoutedPanel>
        <RoutedPanel value="settings">{here !== undefined && <Settings here={here} />}</RoutedPanel>
      </RoutedTabs>
    </Page>
  );
}
