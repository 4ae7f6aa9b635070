import { t } from "@lingui/core/macro";
import { SimpleGrid } from "@mantine/core";
import { CalendarClockIcon } from "lucide-react";
import { Empty } from "@/kit/Empty";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Page } from "@/kit/Page";
import { HealthNote } from "../stats/HealthNote";
import { BooksPanel } from "./BooksPanel";
import { JobCard } from "./JobCard";
import { useJobs } from "./jobs";

export default function JobsPage() {
  const jobs = useJobs();
  return (
    <Page title={t`Jobs`} lead={t`What runs by itself. Each job is safe to run at any time, twice, or late.`}>
      <HealthNote />
      <Loaded query={jobs} loading={<Loading as="rows" />}>
        {(found) =>
          found.length === 0 ? (
            <Empty title={t`No jobs`} icon={CalendarClockIcon}>
              {t`This server runs none.`}
            </Empty>
          ) : (
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              {found.map((job) => (
                <JobCard key={job.name} job={job} />
              ))}
              <BooksPanel />
            </SimpleGrid>
          )
        }
      </Loaded>
    </Page>
  );
}
