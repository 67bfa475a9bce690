import { createApp } from "vue";
import "@shared/theme/tokens.css";

createApp({ render: () => null }).mount("#app");
