import { t } from "@lingui/core/macro";
import { Button, Group } from "@mantine/core";
import { DownloadIcon } from "lucide-react";
import { useState } from "react";
import type { SpanDays } from "@/data/usage";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { notifyProblem } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { SpanChoice } from "@/kit/SpanChoice";
import { SearchField } from "../parts/SearchField";
import { useSearch } from "../parts/useSearch";
import { downloadStats, type Format } from "./download";
import { Figures } from "./Figures";
import { HealthNote } from "./HealthNote";
import { useSystemStats } from "./useSystemStats";

export default function StatsPage() {
  const [days, setDays] = useState<SpanDays>(30);
  const [tenant, setTenant] = useSearch("tenant");
  const stats = useSystemStats(days, tenant);
  return (
    <Page
      title={t`System`}
      lead={t`What everybody's requests came to. Days are in UTC.`}
      actions={<Export days={days} tenant={tenant} />}
    >
      <HealthNote />
      <Group justify="space-between" gap="sm">
        <SpanChoice value={days} onChange={setDays} />
        <SearchField label={t`Only one tenant`} initial={tenant} onSearch={setTenant} w={220} />
      </Group>
      <Loaded query={stats} loading={<Loading as="chart" />}>
        {(found) => <Figures stats={found} days={days} tenant={tenant} />}
      </Loaded>
    </Page>
  );
}

function Export({ days, tenant }: { days: SpanDays; tenant: string }) {
  const [busy, setBusy] = useState<Format | null>(null);
  const save = async (format: Format) => {
    setBusy(format);
    try {
      await downloadStats(days, tenant, format);
    } catch (error) {
      notifyProblem(error, t`The statistics were not saved`);
    } finally {
      setBusy(null);
    }
  };
  return (["csv", "json"] as const).map((format) => (
    <Button
      key={format}
      variant="default"
      leftSection={<DownloadIcon size={18} aria-hidden />}
      loading={busy === format}
      onClick={() => save(format)}
    >
      {format.toUpperCase()}
    </Button>
  ));
}
