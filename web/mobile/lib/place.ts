/** Where the phone is. Browsers answer in WGS-84. */
export interface Spot {
  lng: number;
  lat: number;
  /** metres */
  accuracy: number | null;
  address: string;
}

export class NoPlace extends Error {
  constructor(readonly why: "denied" | "failed") {
    super(why);
  }
}

export function locate(timeout = 15_000): Promise<Spot> {
  return new Promise((done, fail) => {
    if (!navigator.geolocation) return fail(new NoPlace("failed"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        done({
          lng: Number(coords.longitude.toFixed(6)),
          lat: Number(coords.latitude.toFixed(6)),
          accuracy: coords.accuracy,
          address: "",
        }),
      (error) => fail(new NoPlace(error.code === error.PERMISSION_DENIED ? "denied" : "failed")),
      { enableHighAccuracy: true, timeout, maximumAge: 30_000 },
    );
  });
}
