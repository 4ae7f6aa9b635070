import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { DirectionProvider, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, StrictMode, Suspense } from "react";
import { RouterProvider } from "react-router";
import { useOrganisationId } from "@/data/organisations";
import { useSight } from "@/data/seeing";
import { LANGUAGES, language } from "@/language/language";
import { cssVariables, theme } from "@/theme/theme";
import { queriesOf } from "./queries";
import { makeRouter } from "./routes";

const router = makeRouter();
// A good part of the first load, for what is seldom seen at first. What is told or asked before it is there waits.
const Overlays = lazy(loadOverlays);
const RETRY_MS = 2_000;

/** The dashboard. */
export function App() {
  const org = useOrganisationId();
  const sight = useSight();
  return (
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <DirectionProvider initialDirection={LANGUAGES[language].direction} detectDirection={false}>
          <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
            <QueryClientProvider key={sight?.pass ?? "own"} client={queriesOf(org, sight?.pass)}>
              <Suspense>
                <Overlays />
              </Suspense>
              <RouterProvider router={router} />
            </QueryClientProvider>
          </MantineProvider>
        </DirectionProvider>
      </I18nProvider>
    </StrictMode>
  );
}

async function loadOverlays(): Promise<typeof import("./Overlays")> {
  for (;;) {
    try {
      return await import("./Overlays");
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS)); // the network is away
    }
  }
}
