import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { DirectionProvider, MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, StrictMode, Suspense } from "react";
import { RouterProvider } from "react-router";
import { useOrganisationId } from "@/data/organisations";
import { LANGUAGES, language } from "@/language/language";
import { cssVariables, theme } from "@/theme/theme";
import { queriesOf } from "./queries";
import { makeRouter } from "./routes";

const router = makeRouter();
// A good part of the first load, for what is seldom seen at first. What is told before it is there waits in its store.
const Notices = lazy(() => import("./Notices").catch(() => ({ default: () => null })));

/** The dashboard. */
export function App() {
  const org = useOrganisationId();
  return (
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <DirectionProvider initialDirection={LANGUAGES[language].direction} detectDirection={false}>
          <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
            <QueryClientProvider client={queriesOf(org)}>
              <ModalsProvider>
                <Suspense>
                  <Notices />
                </Suspense>
                <RouterProvider router={router} />
              </ModalsProvider>
            </QueryClientProvider>
          </MantineProvider>
        </DirectionProvider>
      </I18nProvider>
    </StrictMode>
  );
}
