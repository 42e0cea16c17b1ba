import type { Language } from './language.js';

const notYou = 'Wenn Sie das nicht waren, rufen Sie sofort die Nummer auf der Rückseite Ihrer Karte an.';
const unexpected = 'Wenn Sie das nicht erwartet haben, rufen Sie die Nummer auf der Rückseite Ihrer Karte an.';
const shortly = 'Nicht Sie? Rufen Sie sofort die Nummer auf der Kartenrückseite an.';

export const german: Language = {
  dates: 'de-DE',
  words: {
    card: 'Karte',
    cardEnding: 'Karte mit der Endung {{last4}}',
    wallet: 'einer mobilen Wallet',
    device: 'auf „{{name}}“',
    devices: {
      phone: 'auf einem Telefon',
      tablet: 'auf einem Tablet',
      watch: 'auf einer Uhr',
      wearable: 'auf einem Wearable',
      computer: 'auf einem Computer',
      vehicle: 'in einem Fahrzeug',
    },
    goodUntil: 'Er gilt bis {{time}}.',
  },
  texts: {
    PROVISIONING_COMPLETED: {
      plain: {
        subject: 'Ihre {{card}} ist in {{wallet}} bereit',
        body: [
          'Ihre {{card}} wurde am {{when}} zu {{wallet}} {{device}} hinzugefügt. Sie können damit bezahlen.',
          notYou,
        ],
      },
      sms: { body: [`Ihre {{card}} wurde am {{when}} zu {{wallet}} {{device}} hinzugefügt. ${shortly}`] },
      push: {
        subject: 'Ihre {{card}} ist in {{wallet}} bereit',
        body: [`Hinzugefügt {{device}} am {{when}}. ${shortly}`],
      },
    },
    ACTIVATION_CODE: {
      plain: {
        subject: 'Ihr Code, um Ihre {{card}} zu {{wallet}} hinzuzufügen',
        body: [
          '{{code}} ist Ihr Code, um Ihre {{card}} zu {{wallet}} {{device}} hinzuzufügen. {{goodUntil}}',
          'Geben Sie ihn niemandem: Wir fragen Sie nie danach. Wenn Sie keine Karte hinzufügen, rufen Sie sofort die Nummer auf der Rückseite Ihrer Karte an.',
        ],
      },
      sms: {
        body: [
          '{{code}} ist Ihr Code, um Ihre {{card}} zu {{wallet}} {{device}} hinzuzufügen. {{goodUntil}} Geben Sie ihn niemandem. Sie fügen keine Karte hinzu? Rufen Sie sofort die Nummer auf der Kartenrückseite an.',
        ],
      },
      push: {
        subject: 'Ihr Code für {{wallet}}',
        body: ['{{code}} ist Ihr Code für Ihre {{card}} {{device}}. {{goodUntil}} Geben Sie ihn niemandem.'],
      },
    },
    TOKEN_SUSPENDED: {
      plain: {
        subject: 'Ihre {{card}} ist in {{wallet}} gesperrt',
        body: [
          'Ihre {{card}} wurde am {{when}} in {{wallet}} {{device}} vorübergehend gesperrt. Sie können dort nicht damit bezahlen, bis sie wieder freigegeben ist.',
          unexpected,
        ],
      },
      sms: {
        body: [`Ihre {{card}} wurde am {{when}} in {{wallet}} {{device}} vorübergehend gesperrt. ${unexpected}`],
      },
      push: { subject: 'Ihre {{card}} ist in {{wallet}} gesperrt', body: ['Gesperrt {{device}} am {{when}}.'] },
    },
    TOKEN_RESUMED: {
      plain: {
        subject: 'Ihre {{card}} ist in {{wallet}} wieder freigegeben',
        body: [
          'Ihre {{card}} wurde am {{when}} in {{wallet}} {{device}} wieder freigegeben. Sie können dort wieder damit bezahlen.',
          notYou,
        ],
      },
      sms: { body: [`Ihre {{card}} wurde am {{when}} in {{wallet}} {{device}} wieder freigegeben. ${shortly}`] },
      push: {
        subject: 'Ihre {{card}} ist in {{wallet}} wieder freigegeben',
        body: [`Freigegeben {{device}} am {{when}}. ${shortly}`],
      },
    },
    TOKEN_DELETED: {
      plain: {
        subject: 'Ihre {{card}} wurde aus {{wallet}} entfernt',
        body: [
          'Ihre {{card}} wurde am {{when}} aus {{wallet}} {{device}} entfernt. Sie können dort nicht mehr damit bezahlen.',
          unexpected,
        ],
      },
      sms: { body: [`Ihre {{card}} wurde am {{when}} aus {{wallet}} {{device}} entfernt. ${unexpected}`] },
      push: { subject: 'Ihre {{card}} wurde aus {{wallet}} entfernt', body: ['Entfernt {{device}} am {{when}}.'] },
    },
    PROVISIONING_UNFINISHED: {
      plain: {
        subject: 'Fügen Sie Ihre {{card}} fertig zu {{wallet}} hinzu',
        body: [
          'Sie haben begonnen, Ihre {{card}} zu {{wallet}} {{device}} hinzuzufügen. Ein Schritt fehlt noch.',
          'Öffnen Sie Ihre Wallet-App, um ihn abzuschließen.',
          notYou,
        ],
      },
      sms: {
        body: [
          `Das Hinzufügen Ihrer {{card}} zu {{wallet}} {{device}} ist nicht abgeschlossen. Öffnen Sie dazu Ihre Wallet-App. ${shortly}`,
        ],
      },
      push: {
        subject: 'Fügen Sie Ihre {{card}} fertig zu {{wallet}} hinzu',
        body: [`Ein Schritt fehlt noch {{device}}. ${shortly}`],
      },
    },
    TOKEN_UNUSED: {
      plain: {
        subject: 'Ihre {{card}} wartet in {{wallet}}',
        body: [
          'Ihre {{card}} ist in {{wallet}} {{device}} und wurde dort noch nicht benutzt. Sie können damit überall kontaktlos bezahlen.',
          'Wenn Sie sie nicht hinzugefügt haben, rufen Sie sofort die Nummer auf der Rückseite Ihrer Karte an.',
        ],
      },
      sms: { body: [`Ihre {{card}} ist in {{wallet}} {{device}} und wurde dort noch nicht benutzt. ${shortly}`] },
      push: {
        subject: 'Ihre {{card}} wartet in {{wallet}}',
        body: ['Sie wurde {{device}} noch nicht benutzt. Sie können damit überall kontaktlos bezahlen.'],
      },
    },
  },
};
