import { Route, Routes } from "react-router";
import { NotFoundPage } from "@/app/NotFoundPage";
import { PriceList } from "./PriceList";
import { PricePage } from "./PricePage";

export default function PricingPage() {
  return (
    <Routes>
      <Route index element={<PriceList />} />
      <Route path=":model" element={<PricePage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  );
}
