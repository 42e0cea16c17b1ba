import type { Language } from './language.js';

const notYou = 'Si no ha sido usted, llame enseguida al número que figura al dorso de su tarjeta.';
const unexpected = 'Si no lo esperaba, llame al número que figura al dorso de su tarjeta.';
const shortly = '¿No ha sido usted? Llame enseguida al número al dorso de su tarjeta.';

export const spanish: Language = {
  dates: 'es-ES',
  words: {
    card: 'tarjeta',
    cardEnding: 'tarjeta terminada en {{last4}}',
    wallet: 'un monedero móvil',
    device: 'en «{{name}}»',
    devices: {
      phone: 'en un teléfono',
      tablet: 'en una tableta',
      watch: 'en un reloj',
      wearable: 'en un accesorio',
      computer: 'en un ordenador',
      vehicle: 'en un vehículo',
    },
    goodUntil: 'Es válido hasta el {{time}}.',
  },
  texts: {
    PROVISIONING_COMPLETED: {
      plain: {
        subject: 'Su {{card}} está lista en {{wallet}}',
        body: ['Su {{card}} se añadió a {{wallet}} {{device}} el {{when}}. Ya puede pagar con ella.', notYou],
      },
      sms: { body: [`Su {{card}} se añadió a {{wallet}} {{device}} el {{when}}. ${shortly}`] },
      push: { subject: 'Su {{card}} está lista en {{wallet}}', body: [`Añadida {{device}} el {{when}}. ${shortly}`] },
    },
    ACTIVATION_CODE: {
      plain: {
        subject: 'Su código para añadir su {{card}} a {{wallet}}',
        body: [
          '{{code}} es su código para añadir su {{card}} a {{wallet}} {{device}}. {{goodUntil}}',
          'No se lo diga a nadie: nosotros no se lo pediremos. Si no está añadiendo una tarjeta, llame enseguida al número que figura al dorso de su tarjeta.',
        ],
      },
      sms: {
        body: [
          '{{code}} es su código para añadir su {{card}} a {{wallet}} {{device}}. {{goodUntil}} No se lo diga a nadie. ¿No está añadiendo una tarjeta? Llame enseguida al número al dorso de su tarjeta.',
        ],
      },
      push: {
        subject: 'Su código para {{wallet}}',
        body: ['{{code}} es su código para añadir su {{card}} {{device}}. {{goodUntil}} No se lo diga a nadie.'],
      },
    },
    TOKEN_SUSPENDED: {
      plain: {
        subject: 'Su {{card}} está suspendida en {{wallet}}',
        body: [
          'Su {{card}} se suspendió en {{wallet}} {{device}} el {{when}}. No puede pagar con ella hasta que se reactive.',
          unexpected,
        ],
      },
      sms: { body: [`Su {{card}} se suspendió en {{wallet}} {{device}} el {{when}}. ${unexpected}`] },
      push: { subject: 'Su {{card}} está suspendida en {{wallet}}', body: ['Suspendida {{device}} el {{when}}.'] },
    },
    TOKEN_RESUMED: {
      plain: {
        subject: 'Su {{card}} vuelve a funcionar en {{wallet}}',
        body: ['Su {{card}} se reactivó en {{wallet}} {{device}} el {{when}}. Puede volver a pagar con ella.', notYou],
      },
      sms: { body: [`Su {{card}} se reactivó en {{wallet}} {{device}} el {{when}}. ${shortly}`] },
      push: {
        subject: 'Su {{card}} vuelve a funcionar en {{wallet}}',
        body: [`Reactivada {{device}} el {{when}}. ${shortly}`],
      },
    },
    TOKEN_DELETED: {
      plain: {
        subject: 'Su {{card}} se ha quitado de {{wallet}}',
        body: ['Su {{card}} se quitó de {{wallet}} {{device}} el {{when}}. Ya no puede pagar con ella.', unexpected],
      },
      sms: { body: [`Su {{card}} se quitó de {{wallet}} {{device}} el {{when}}. ${unexpected}`] },
      push: { subject: 'Su {{card}} se ha quitado de {{wallet}}', body: ['Quitada {{device}} el {{when}}.'] },
    },
    PROVISIONING_UNFINISHED: {
      plain: {
        subject: 'Termine de añadir su {{card}} a {{wallet}}',
        body: [
          'Empezó a añadir su {{card}} a {{wallet}} {{device}} y falta un paso.',
          'Abra su aplicación de pago para terminar.',
          notYou,
        ],
      },
      sms: {
        body: [
          `Falta un paso para añadir su {{card}} a {{wallet}} {{device}}. Abra su aplicación de pago para terminar. ${shortly}`,
        ],
      },
      push: { subject: 'Termine de añadir su {{card}} a {{wallet}}', body: [`Falta un paso {{device}}. ${shortly}`] },
    },
    TOKEN_UNUSED: {
      plain: {
        subject: 'Su {{card}} le espera en {{wallet}}',
        body: [
          'Su {{card}} está en {{wallet}} {{device}} y todavía no se ha usado. Puede pagar con ella donde se acepten pagos sin contacto.',
          'Si no la ha añadido usted, llame enseguida al número que figura al dorso de su tarjeta.',
        ],
      },
      sms: { body: [`Su {{card}} está en {{wallet}} {{device}} y todavía no se ha usado. ${shortly}`] },
      push: {
        subject: 'Su {{card}} le espera en {{wallet}}',
        body: ['Todavía no se ha usado {{device}}. Puede pagar con ella donde se acepten pagos sin contacto.'],
      },
    },
  },
};
